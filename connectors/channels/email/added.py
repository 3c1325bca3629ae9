"""What a customer added to a mail that a link address began, and whether there is anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.channels.email.content import bare_part
from connectors.channels.email.invitation import added_subject, without_sentences
from shared.model.parts import TextPart, media_of

if TYPE_CHECKING:
    from connectors.channels.email.content import Content
    from connectors.channels.email.mime.mail import Mail


def take_invitation_out(content: Content, mail: Mail) -> bool:
    """Leaves in the parts what the customer added to our words: text, files, or else a subject. False when that is
    nothing: the parts stay as they are, for whoever has to keep the mail all the same."""
    first = content.parts[0]
    body = first if isinstance(first, TextPart) and content.text.strip() else None
    words = _added_words(body.text, content.text, mail) if body else ""
    if body and words:
        body.text = words
    elif any(map(media_of, content.parts)):
        if body:
            del content.parts[0]
            content.content_ids = {name: index - 1 for name, index in content.content_ids.items()}
    elif added_subject(mail.subject):
        content.parts[:] = [bare_part(mail)]
    else:
        return False
    return True


def _added_words(visible: str, full: str, mail: Mail) -> str:
    """What is left of the visible text; where that is nothing, what is left of all of it, if a mail that was pasted in
    is there and no signature alone."""
    from connectors.channels.email.body.signatures import LAST_LINES  # patterns are not part of a cold start

    left = without_sentences(visible)
    if not _is_signature(left, mail):
        return left
    left = without_sentences(full)
    lines = left.split("\n")
    return left if len(lines) > LAST_LINES or any(line.lstrip().startswith(">") for line in lines) else ""


def _is_signature(text: str, mail: Mail) -> bool:
    """Whether there is nothing but a signature: of a program, below a delimiter, or the sender's name and address."""
    from connectors.channels.email.body.boundaries import is_rule  # patterns are not part of a cold start
    from connectors.channels.email.body.signatures import is_signature

    own = {known.casefold() for each in mail.senders for known in (each.name, each.address)}
    lines = (line.strip() for line in text.split("\n"))
    return is_signature([line for line in lines if line.casefold() not in own and not is_rule(line)])
