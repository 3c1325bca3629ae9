"""The parts of the documentation that follow from the code: tables of what channels can do, and the picture."""
