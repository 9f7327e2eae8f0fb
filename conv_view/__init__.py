"""What turns the values of the core into things people look at."""
