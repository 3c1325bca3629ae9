"""Zendesk Support, by tickets: see docs/helpdesks/zendesk.md."""
