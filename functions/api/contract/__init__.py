"""The contract of the HTTP interface: every route declared once, and the documents that are made of it."""

from __future__ import annotations

VERSION = "1.0.0"
"""Of the contract, not of the program that keeps it: it only ever grows."""
