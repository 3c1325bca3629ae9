"""Chatwoot, by an inbox of the type API."""
