"""What do words and numbers mean, however they are typed? Names, alike requests, written numbers."""
