"""Slack: direct messages, channels and their threads, Slack Connect included, through the Events API."""
