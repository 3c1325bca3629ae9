"""What an Official Account can do.

Sources, all on developers.weixin.qq.com: "Sending customer service messages" (types and windows), "Uploading
temporary media" (sizes), "Customer service typing status". The text limit is the one at which sending is refused in
practice.
"""

from __future__ import annotations

from shared.model.capabilities import Capabilities, MediaLimit, TextLimit, WindowRule

IMAGE = MediaLimit(maximum_bytes=2_097_152, mime_types=("image/png", "image/jpeg", "image/gif"))
VOICE = MediaLimit(maximum_bytes=2_097_152, mime_types=("audio/amr", "audio/mpeg"), maximum_seconds=60)
VIDEO = MediaLimit(maximum_bytes=10_485_760, mime_types=("video/mp4",))
THUMBNAIL = MediaLimit(maximum_bytes=65_536, mime_types=("image/jpeg",))

CAPABILITIES = Capabilities(
    channel="wechat",
    title="WeChat Official Account",
    receives=(
        "text",
        "image",
        "voice",
        "video",
        "location",
        "link",
        "choice",
        "mini_program",
        "event",
        "unsupported",
    ),
    sends=("text", "image", "voice", "video", "link", "choices", "card", "mini_program"),
    text=TextLimit(maximum=2048, unit="bytes"),
    media={"image": IMAGE, "voice": VOICE, "video": VIDEO},
    maximum_choices=50,
    windows=(
        WindowRule(opens_on="message", seconds=172_800, sends=5),
        WindowRule(opens_on="menu_click", seconds=60, sends=3),
        WindowRule(opens_on="follow", seconds=60, sends=3),
        WindowRule(opens_on="scan", seconds=60, sends=3),
    ),
    typing=True,
    profiles=True,
)
