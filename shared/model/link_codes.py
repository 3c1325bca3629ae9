"""Link codes: how a customer tells, on another channel, who they are.

Eight characters of an alphabet without those that look alike, at least one letter and one digit among them, shown in
two groups: ``K7QM-2XPD``. 31 characters in 8 places are 8.5 * 10^11 codes, of which a few live for 15 minutes.

A code travels as text that the customer sends, or inside what the channel offers: the scene of a QR code, a sealed
mail address, the fragment of a page's address.
"""

from __future__ import annotations

import re
import unicodedata

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 8
SECONDS = 900
"""How long a code can be used."""

SCENE_PREFIX = "link_"
"""Before a code in the scene of a QR code or the payload of a deep link, to tell it from a company's own scenes."""

_LONGEST = 40
_SHOWN = re.compile(rf"([{ALPHABET}]{{4}})-?([{ALPHABET}]{{4}})")


def new_code() -> str:
    """A code in its plain form: eight characters, drawn at random."""
    import secrets  # those who only read codes start without it

    while True:
        code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        if _has_both(code):
            return code


def shown(code: str) -> str:
    """The code as a person reads it."""
    return f"{code[:4]}-{code[4:]}"


def read_code(text: str) -> str | None:
    """The code that a text is, in its plain form; None for a text that is anything else.

    Capital and small letters are the same, full-width letters are read like others, and white space around is dropped.
    """
    if len(text) > _LONGEST:
        return None
    folded = unicodedata.normalize("NFKC", text).strip().upper()
    folded = re.sub(r"[\u2010-\u2015\u2212 ]", "-", folded)
    found = _SHOWN.fullmatch(folded)
    if found is None:
        return None
    code = found[1] + found[2]
    return code if _has_both(code) else None


def scene(code: str) -> str:
    """The code as the scene of a QR code: letters, digits and ``_`` only."""
    return f"{SCENE_PREFIX}{code}"


def read_scene(text: str) -> str | None:
    """The code in a scene of ours; None for any other scene."""
    return read_code(text.removeprefix(SCENE_PREFIX)) if text.startswith(SCENE_PREFIX) else None


def _has_both(code: str) -> bool:
    return any(letter.isdigit() for letter in code) and any(letter.isalpha() for letter in code)
