"""What does the law say? Its figures and calendar, the limit and what moves it, fees. Knows no case."""
