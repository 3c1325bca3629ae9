"""Links and cards as mail programs show them: a small table, for that is the only layout that all of them keep."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from connectors.channels.email.markup import link, plain
from shared.model.parts import CardPart, LinkPart
from shared.model.plain_parts import is_web_address, lines

if TYPE_CHECKING:
    from connectors.channels.email.draft import Draft

_FRAME = "border:1px solid #d0d7de;border-radius:6px;border-collapse:separate;margin:0 0 12px;max-width:480px"
_CELL = "padding:12px"
_GREY = "color:#57606a"


def link_html(part: LinkPart) -> str:
    """A link with what it leads to. Its address is one that may be opened."""
    rows = [f"<strong>{link(part.url, part.title or part.url)}</strong>"]
    if part.description:
        rows.append(f'<span style="{_GREY}">{plain(part.description)}</span>')
    return _framed(_picture(part.image_url), rows)


def card_blocks(draft: Draft, card: CardPart) -> tuple[str, str, set[str]]:
    """A card as text and as HTML, and what it loses: buttons that would have to come back to us, addresses that
    nobody should open, and a picture that cannot be sent."""
    lost: set[str] = set()
    address = card.url if is_web_address(card.url) else None
    if card.url and address is None:
        lost.add("link")
    rows = [f"<strong>{link(address, card.title) if address else html.escape(card.title)}</strong>"]
    words = [card.title, card.description, address]
    if card.description:
        rows.append(f'<span style="{_GREY}">{plain(card.description)}</span>')
    for action in card.actions:
        if is_web_address(action.url):
            rows.append(link(action.url, action.title))
            words.append(f"{action.title}: {action.url}")
        else:
            rows.append(html.escape(action.title))
            words.append(action.title)
            lost.add("buttons")
    text = lines(*words)
    draft.make_room(text)
    return text, _framed(_card_picture(draft, card, lost), rows), lost


def _card_picture(draft: Draft, card: CardPart, lost: set[str]) -> str:
    if card.image is not None:
        address = draft.attach(card.image, "image", in_place=True)
        if address:
            return _picture_tag(address)
        if address is None:
            lost.add("image")
    if card.image_url and not is_web_address(card.image_url):
        lost.add("image")
    return _picture(card.image_url)


def _picture(address: str | None) -> str:
    return _picture_tag(address) if is_web_address(address) else ""


def _picture_tag(address: str) -> str:
    return f'<img src="{html.escape(address)}" alt="" style="max-width:100%;display:block;margin:0 0 8px">'


def _framed(picture: str, rows: list[str]) -> str:
    return (
        f'<table role="presentation" cellpadding="0" cellspacing="0" style="{_FRAME}"><tr>'
        f'<td dir="auto" style="{_CELL}">{picture}{"<br>".join(rows)}</td></tr></table>'
    )
