"""What a mail answers: its subject and the message ids that make mail programs show it under what came before.

Sources: RFC 5322 section 3.6.4 (In-Reply-To, References) and section 3.6.5 (one "Re: ").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shared.errors import Unprocessable
from shared.model.capabilities import TextLimit
from shared.model.text import beginning

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from shared.model.message import Message

MOST_REFERENCES = 20
_SUBJECT = TextLimit(maximum=300, unit="characters")
_MOST_SENT = 5
_REPLY_MARKS = re.compile(
    r"(?:\s*(?:re|aw|sv|antw|vs|odp|res|回复|回覆|答复|答覆)\s*(?:\[\d{1,4}\]|\(\d{1,4}\)|\^\d{1,4})?\s*[:：])+\s*",
    re.IGNORECASE,
)
_MESSAGE_ID = re.compile(r"[!-;=?-~]{1,900}")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\x80-\x9f\u2028\u2029]+")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_KANA_OR_HANGUL = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")


@dataclass(frozen=True, slots=True)
class Thread:
    """Where a mail belongs. ``subject`` is None when nothing gives one, ``references`` is the oldest first, ``sent``
    are provider ids of mails of ours that came after the newest one of the customer, the oldest first."""

    subject: str | None
    in_reply_to: str | None
    references: list[str]
    sent: list[str]


def thread_of(message: Message, earlier: Sequence[Message]) -> Thread:
    """The thread that ``message`` continues; ``earlier`` has the newest first. Raises Unprocessable(``bad_header``)
    when the subject that was asked for has a line break or another control character."""
    received = newest_received(earlier)
    mail = received.email if received is not None and received.email else {}
    subject = _asked_for(message) or reply_subject(_text(mail.get("subject")))
    own_id = message_id(mail.get("message_id"))
    references = list(message_ids(mail.get("references")))
    if not references:
        references = list(message_ids([mail.get("in_reply_to")]))
    return Thread(
        subject=subject,
        in_reply_to=own_id,
        references=capped([*references, *([own_id] if own_id else [])]),
        sent=_sent_since(received, earlier),
    )


def newest_received(earlier: Iterable[Message]) -> Message | None:
    """The newest mail of the customer."""
    return next((each for each in earlier if each.direction == "inbound" and each.email), None)


def reply_subject(subject: str) -> str | None:
    """The subject with exactly one ``Re:``, whatever marks of a reply stood before it; None when it says nothing."""
    words = " ".join(_CONTROLS.sub(" ", subject).split())
    bare = words[marks.end() :] if (marks := _REPLY_MARKS.match(words)) else words
    return f"Re: {beginning(bare, _SUBJECT)}".rstrip() if bare else None


def opening_subject(name: str, chinese: bool) -> str:
    """The subject of a mail that answers none."""
    return f"您与{name}的对话" if chinese else f"Your conversation with {name}"


def is_chinese(message: Message) -> bool:
    """Whether the customer is written to in Chinese: as the message says, else as its letters look."""
    if message.language:
        return message.language.lower().startswith("zh")
    return bool(_HAN.search(message.text)) and not _KANA_OR_HANGUL.search(message.text)


def message_id(value: Any) -> str | None:
    """A message id with its angle brackets; None for what is none, or could end a header line."""
    bare = _text(value).strip().removeprefix("<").removesuffix(">")
    return f"<{bare}>" if _MESSAGE_ID.fullmatch(bare) else None


def message_ids(values: Any) -> Iterator[str]:
    """Those that are message ids, of a list of anything."""
    for value in values if isinstance(values, list) else []:
        found = message_id(value)
        if found:
            yield found


def capped(references: Iterable[str]) -> list[str]:
    """Each id once and at most 20 of them: when there are more, the first and the newest."""
    unique = list(dict.fromkeys(references))
    return unique if len(unique) <= MOST_REFERENCES else [unique[0], *unique[1 - MOST_REFERENCES :]]


def _asked_for(message: Message) -> str | None:
    subject = _text((message.email or {}).get("subject")).strip()
    if _CONTROLS.search(subject):
        raise Unprocessable("bad_header", "a subject is one line without control characters")
    return beginning(subject, _SUBJECT) or None


def _sent_since(received: Message | None, earlier: Sequence[Message]) -> list[str]:
    """Ids of our mails after the newest one of the customer: its own References name all those before."""
    found: list[str] = []
    for each in earlier:
        if each is received or len(found) >= _MOST_SENT:
            break
        if each.direction == "outbound":
            found.extend(reversed(each.external_ids))
    return found[:_MOST_SENT][::-1]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
