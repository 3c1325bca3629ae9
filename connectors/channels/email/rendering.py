"""A message as a mail: everything that composing it needs, as JSON.

The body of the request is ``{to, cc, subject, chinese, in_reply_to, references, sent, text, html, conversation_id,
identity_id, message_id, number, date, automatic, attachments}``: ``subject`` is null when nothing gives one, ``sent``
are provider ids of mails of ours to refer to, ``number`` counts the mails of one message from 1, ``attachments`` are
``{filename, mime_type, content_id?}``. What only the account knows (who it is from, the reply address) is added by
:mod:`connectors.channels.email.sending`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from connectors.channels.email.addresses import mail_address
from connectors.channels.email.attachments import filename_of
from connectors.channels.email.cards import card_blocks, link_html
from connectors.channels.email.draft import Draft, Page
from connectors.channels.email.loops import is_automatic, refuse_loops
from connectors.channels.email.markup import cleaned, markdown, own_direction, paragraph, plain
from connectors.channels.email.threading import is_chinese, thread_of
from shared.errors import Unprocessable
from shared.model.parts import (
    AudioPart,
    CardPart,
    CarouselPart,
    FilePart,
    ImagePart,
    LinkPart,
    Part,
    ProductPart,
    StickerPart,
    TextPart,
    VideoPart,
    VoicePart,
    part_type,
)
from shared.model.plain import html_to_text, markdown_to_text
from shared.model.plain_parts import file_line, is_web_address, lines, product_card, worded
from shared.ports.connector import OutboundRequest, Rendering

if TYPE_CHECKING:
    from shared.model.media import Media
    from shared.model.message import Message
    from shared.ports.connector import Recipient

MOST_COPIES = 20
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


def render(message: Message, recipient: Recipient) -> Rendering:
    """One request, or several when the text is over the limit.

    Raises Unprocessable: ``nothing_to_send``, ``file_type_refused`` (SES sends no mail with such a file),
    ``loop_suspected`` (two machines would answer each other), ``bad_header`` (a line break where a header would be
    forged), ``bad_address``.
    """
    refuse_loops(message, recipient.earlier)
    _refuse_address(recipient.external_id)
    draft = Draft(message.id)
    for index, part in enumerate(message.parts):
        _render_part(draft, index, part)
    pages = [page for page in draft.pages if page.pieces or page.files]
    if not pages:
        raise Unprocessable("nothing_to_send", "no part of the message can be shown in a mail")
    common = _common(message, recipient)
    requests = [_request(common, page, number) for number, page in enumerate(pages, 1)]
    return Rendering(requests, draft.degradations)


def _common(message: Message, recipient: Recipient) -> dict[str, Any]:
    thread = thread_of(message, recipient.earlier)
    return {
        "to": recipient.external_id,
        "cc": _copies(message),
        "subject": thread.subject,
        "chinese": is_chinese(message),
        "in_reply_to": thread.in_reply_to,
        "references": thread.references,
        "sent": thread.sent,
        "conversation_id": message.conversation_id,
        "identity_id": recipient.identity_id,
        "message_id": message.id,
        "date": message.occurred_at,
        "automatic": is_automatic(message),
    }


def _request(common: dict[str, Any], page: Page, number: int) -> OutboundRequest:
    body = {**common, "number": number, "text": page.text, "html": page.html, "attachments": page.files}
    return OutboundRequest("mail", body, tuple(page.uploads))


def _refuse_address(address: str) -> None:
    if _CONTROLS.search(address):
        raise Unprocessable("bad_header", "the customer's address has a control character")
    if not address.rpartition("@")[0].isascii():
        raise Unprocessable("bad_address", "SES does not send to addresses with letters beyond ASCII before the @")


def _copies(message: Message) -> list[str]:
    """Who gets a copy: ``email.cc``, of addresses or of ``{address}``."""
    values = (message.email or {}).get("cc") or []
    found: list[str] = []
    for value in values if isinstance(values, list) else [values]:
        text = value.get("address") if isinstance(value, dict) else value
        if not isinstance(text, str) or _CONTROLS.search(text):
            raise Unprocessable("bad_header", "cc holds addresses, one each, without control characters")
        address = mail_address(text)
        if address is None:
            raise Unprocessable("bad_address", "cc has something that is no email address")
        found.append(address)
    if len(found) > MOST_COPIES:
        raise Unprocessable("bad_address", f"at most {MOST_COPIES} addresses get a copy")
    return list(dict.fromkeys(found))


def _render_part(draft: Draft, index: int, part: Part) -> None:
    match part:
        case TextPart():
            _text(draft, index, part)
        case ImagePart():
            _image(draft, index, part, part.media, part.caption)
        case AudioPart():
            _file(draft, index, part, part.media, part.title)
        case VoicePart():
            _file(draft, index, part, part.media, part.transcript)
        case VideoPart():
            _file(draft, index, part, part.media, part.title, part.description)
        case FilePart():
            _file(draft, index, part, part.media)
        case StickerPart():
            _sticker(draft, index, part)
        case LinkPart() if is_web_address(part.url):
            _link(draft, index, part)
        case CardPart():
            _cards(draft, index, part, [part])
        case ProductPart():
            _cards(draft, index, part, [product_card(part)], "product")
        case CarouselPart() if part.cards:
            _cards(draft, index, part, part.cards)
        case _:
            _words(draft, index, part, *worded(part))


def _text(draft: Draft, index: int, part: TextPart) -> None:
    match part.format:
        case "html":
            whole = draft.add(html_to_text(part.text), own_direction(cleaned(part.text)))
        case "markdown":
            whole = draft.add(markdown_to_text(part.text), markdown(part.text))
        case _:
            draft.add(part.text, paragraph(plain(part.text)))
            return
    if not whole:
        draft.lose(index, part, "text", "formatting")


def _image(draft: Draft, index: int, part: Part, media: Media, caption: str | None) -> None:
    draft.make_room(lines(f"[{filename_of(media, part_type(part))}]", caption))
    address = draft.attach(media, part_type(part), in_place=True)
    if address is None:
        _absent(draft, index, part, media, caption)
    elif address:
        name = f"[{draft.pages[-1].files[-1]['filename']}]"
        picture = f'<img src="{address}" alt="" style="max-width:100%">'
        words = f"<br>{plain(caption)}" if caption else ""
        draft.add(lines(name, caption), paragraph(picture + words))
    elif caption:
        draft.add(caption, paragraph(plain(caption)))


def _file(draft: Draft, index: int, part: Part, media: Media, *words: str | None) -> None:
    said = lines(*words)
    draft.make_room(said)
    if draft.attach(media, part_type(part)) is None:
        _absent(draft, index, part, media, *words)
        return
    if said:
        draft.add(said, paragraph(plain(said)))


def _absent(draft: Draft, index: int, part: Part, media: Media, *words: str | None) -> None:
    """A file that cannot be in the mail: its address, and without one its name."""
    lost = "attachment" if is_web_address(media.url) else "content"
    _words(draft, index, part, lines(*words, file_line(media, part_type(part))), [lost])


def _sticker(draft: Draft, index: int, part: StickerPart) -> None:
    if part.media is not None and not part.emoji:
        before = len(draft.degradations)
        _image(draft, index, part, part.media, None)
        if len(draft.degradations) == before:
            draft.lose(index, part, "image", "sticker")
    else:
        _words(draft, index, part, *worded(part))


def _link(draft: Draft, index: int, part: LinkPart) -> None:
    draft.add(lines(part.title, part.description, part.url), link_html(part))
    if part.image_url and not is_web_address(part.image_url):
        draft.lose(index, part, "link", "image")


def _cards(draft: Draft, index: int, part: Part, cards: list[CardPart], *missing: str) -> None:
    lost = set(missing)
    for card in cards:
        text, html, unshown = card_blocks(draft, card)
        draft.add(text, html)
        lost |= unshown
    if lost:
        draft.lose(index, part, "carousel" if isinstance(part, CarouselPart) else "card", *sorted(lost))


def _words(draft: Draft, index: int, part: Part, words: str, lost: list[str]) -> None:
    if words.strip():
        draft.add(words, paragraph(plain(words)))
    draft.lose(index, part, "text" if words.strip() else "none", *lost)
