"""What goes to Lambda: each function's own code and libraries, compiled ahead of time."""
