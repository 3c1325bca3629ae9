"""HTTP in both directions: the request and response our functions see, and the client that calls the outside world."""
