"""Reading MIME of any age: bytes in, text, addresses and files out, and never an exception."""
