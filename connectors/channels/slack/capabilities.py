"""What a Slack app can do.

Sources, all on docs.slack.dev: "chat.postMessage" (text), "Block Kit" (blocks and elements), "Working with files".
Slack takes files of up to 1 GB; the limit here is what a function holds in memory.
"""

from __future__ import annotations

from shared.model.capabilities import Capabilities, MediaLimit, TextLimit

FILE = MediaLimit(maximum_bytes=52_428_800)

MAXIMUM_BUTTONS = 25
MAXIMUM_SELECT = 100

CAPABILITIES = Capabilities(
    channel="slack",
    title="Slack",
    receives=("text", "image", "audio", "voice", "video", "file", "link", "choice", "forwarded", "unsupported"),
    sends=("text", "image", "audio", "video", "file", "link", "choices", "card"),
    text=TextLimit(maximum=4000, unit="characters"),
    media={"image": FILE, "audio": FILE, "video": FILE, "file": FILE},
    maximum_choices=MAXIMUM_SELECT,
)
