"""What is owed beside the path, what is soon overdue, what was late?"""
