"""Web chat: the use cases behind its sessions, its socket and the HTTP fallback of the socket."""
