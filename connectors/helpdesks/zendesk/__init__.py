"""Zendesk Support, by tickets."""
