"""What is done when an application comes in?"""
