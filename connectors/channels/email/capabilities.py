"""What mail can do.

Sources: "Service quotas in Amazon SES" (40 MB for a mail after encoding, which makes about 29 MB of files). The other
numbers are choices of ours: what mailboxes elsewhere take is often 25 MB, and a text of 100,000 characters is a book's
chapter.
"""

from __future__ import annotations

from shared.model.capabilities import Capabilities, MediaLimit, TextLimit

FILES_LIMIT = 25 * 1024 * 1024
"""What all files of one mail may weigh together, in bytes."""

_FILE = MediaLimit(maximum_bytes=FILES_LIMIT)

CAPABILITIES = Capabilities(
    channel="email",
    title="Email",
    receives=("text", "image", "file", "audio", "video", "unsupported"),
    sends=("text", "image", "audio", "voice", "video", "file", "link", "card", "carousel"),
    text=TextLimit(maximum=100_000, unit="characters"),
    media={"image": _FILE, "audio": _FILE, "voice": _FILE, "video": _FILE, "file": _FILE},
    receipts=("sent", "delivered", "failed"),
    threads_by_message=True,
)
"""No windows: anybody who wrote can be answered at any time. Mail has no idempotency key, so a mail of which it is not
known whether it went out is not sent again."""
