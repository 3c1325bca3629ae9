"""P7: how long a message takes through the whole local stack, as its customers and its helpdesk see it."""

from __future__ import annotations

import itertools
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from bench.report import Report, Table, Target

MESSAGES = 12
PATIENCE = 20.0
PAUSE = 0.005

_numbers = itertools.count(1)


def measure(report_progress: Callable[[str], None]) -> Report:
    """On a stack of its own: whatever runs in this checkout already is left alone."""
    from infra.local.stack.lifecycle import running
    from tests.e2e.outside import Outside

    with tempfile.TemporaryDirectory() as home:
        report_progress("P7: starting a local stack")
        with running(Path(home)) as local:
            report_progress("P7: messages and replies")
            outside = Outside(local)
            times = {**_wechat(outside), **_web_chat(outside)}
    rows = [
        [name, f"{min(found):.2f}", f"{median(found):.2f}", f"{max(found):.2f}", str(len(found))]
        for name, found in times.items()
    ]
    note = (
        "Seconds, one message after the other, everything on this machine: MiniStack, its workers, the stand-in, the "
        "front. Sent: from the customer's tap until the API shows the message. Reply: from the POST until the customer "
        "has it."
    )
    table = Table("P7  Local round trips", ["path", "best", "median", "worst", "n"], rows, note)
    targets = [
        Target("P7", name, median(found), 0.6 if "sent" in name else 0.8, " s", at_most=True)
        for name, found in times.items()
    ]
    return Report("local", [table], targets)


def _wechat(outside: Any) -> dict[str, list[float]]:
    openid = outside.wechat_user("Bench")

    def send(text: str) -> None:
        outside.wechat(f"customers/{openid}/messages?wait=0", {"type": "text", "text": text})

    conversation_id, sent = _sent(outside, send)

    def shown(text: str) -> bool:
        return any(entry["content"].get("content") == text for entry in outside.wechat_screen(openid))

    replied = [_timed_reply(outside, conversation_id, send, shown) for _ in range(MESSAGES)]
    return {"WeChat: sent to visible": sent, "WeChat: reply to received": replied}


def _web_chat(outside: Any) -> dict[str, list[float]]:
    from tests.e2e.chat_client import ChatClient

    with ChatClient(outside) as visitor:

        def send(text: str) -> None:
            part = {"type": "text", "text": text}
            visitor.send({"type": "message", "client_id": f"bench-{next(_numbers)}", "parts": [part]})

        conversation_id, sent = _sent(outside, send)

        def shown(text: str) -> bool:
            return any(part.get("text") == text for part in visitor.next("message")["message"]["parts"])

        replied = [_timed_reply(outside, conversation_id, None, shown) for _ in range(MESSAGES)]
    return {"web chat: sent to visible": sent, "web chat: reply to received": replied}


def _sent(outside: Any, send: Callable[[str], None]) -> tuple[str, list[float]]:
    """The conversation that the first message opens, and the seconds that each following one takes."""
    first = f"first {next(_numbers)}"
    send(first)
    conversation_id: str = outside.conversation_with(first)
    times: list[float] = []
    for _ in range(MESSAGES):
        text = f"message {next(_numbers)}"
        began = time.perf_counter()
        send(text)
        _until(partial(_is_last, outside, conversation_id, text))
        times.append(time.perf_counter() - began)
    return conversation_id, times


def _timed_reply(
    outside: Any, conversation_id: str, send: Callable[[str], None] | None, shown: Callable[[str], bool]
) -> float:
    if send is not None:  # WeChat allows five answers to a message
        asked = f"question {next(_numbers)}"
        send(asked)
        _until(partial(_is_last, outside, conversation_id, asked))
    text = f"answer {next(_numbers)}"
    began = time.perf_counter()
    outside.reply(conversation_id, {"type": "text", "text": text})
    _until(lambda: shown(text))
    return time.perf_counter() - began


def _is_last(outside: Any, conversation_id: str, text: str) -> bool:
    messages = outside.messages(conversation_id)
    return bool(messages) and messages[-1]["parts"][0].get("text") == text


def _until(found: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not found():
        if time.monotonic() > deadline:
            raise TimeoutError(f"nothing arrived within {PATIENCE:g} s")
        time.sleep(PAUSE)
