"""Programs that are run in a fresh interpreter, with ``-I -S``: only what they are told is on the path.

Each prints one line of JSON; times are those of the system's monotonic clock, which all processes share.
"""
