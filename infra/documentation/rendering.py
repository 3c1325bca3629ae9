"""Tables of what becomes of each part on each channel, found by rendering the specimens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.documentation.specimens import becomes, specimens, table_specimen
from infra.documentation.tables import declared, page_link, table
from infra.documentation.words import WORDS, Language, Words
from shared.model.parts import PART_TYPES

if TYPE_CHECKING:
    from infra.documentation.specimens import Specimen
    from shared.model.capabilities import Capabilities


def rendering_table(language: Language, folder: str) -> str:
    """One row per part type, by the specimen that stands for it; one column per channel. ``folder`` is where the page
    stands that the table goes into, as seen from the root."""
    return _table([(f"`{kind}`", table_specimen(kind)) for kind in PART_TYPES], WORDS[language].part, language, folder)


def files_table(language: Language, folder: str) -> str:
    """One row per kind of file and place where it is; one column per channel."""
    rows = [(_place(each, WORDS[language]), each) for each in specimens() if each.is_file]
    return _table(rows, WORDS[language].file, language, folder)


def losses_table(language: Language, folder: str) -> str:
    """What each name of a loss means."""
    words = WORDS[language]
    return table([words.loss, words.meaning], [[f"`{name}`", text] for name, text in sorted(words.lost.items())])


def _table(rows: list[tuple[str, Specimen]], first: str, language: Language, folder: str) -> str:
    words, channels = WORDS[language], declared()
    heading = [first, *(page_link(each, language, folder) for each in channels)]
    return table(heading, [[name, *(_cell(each, specimen, words) for each in channels)] for name, specimen in rows])


def _place(specimen: Specimen, words: Words) -> str:
    media = specimen.value["media"]
    place = words.stored if "media_id" in media else words.at_an_address if "url" in media else words.nowhere
    return f"`{specimen.kind}`{words.separator}{place}"


def _cell(capabilities: Capabilities, specimen: Specimen, words: Words) -> str:
    target, lost = becomes(capabilities.channel, specimen.part)
    names = " ".join(f"`{name}`" for name in lost)
    if target is None:
        return words.refused
    if target != specimen.kind:
        return words.instead.format(target=f"`{target}`", lost=names)
    return words.native_without.format(lost=names) if names else words.native
