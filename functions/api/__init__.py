"""The HTTP API under /v1: what helpdesks, bots and desks call."""

from __future__ import annotations

from functions.api.application import handler

__all__ = ["handler"]
