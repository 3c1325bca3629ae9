"""The local stack's one public server: the API, the page and the stand-ins for the providers under one address."""
