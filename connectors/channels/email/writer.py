"""The From field of a mail: who it says wrote it. Standard library only: the intake imports it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from connectors.channels.email.mime.addresses import read_addresses

if TYPE_CHECKING:
    from connectors.channels.email.mime.mail import Address
    from connectors.channels.email.verdicts import Block


class Writer(NamedTuple):
    """``named`` are all addresses of From. ``only`` is the one that can be held to have written: there is one From
    field with one address in it, which no two programs read differently."""

    named: list[Address]
    only: Address | None


def writer_of(block: Block) -> Writer:
    """Who a mail is from, by the fields that came with the mail."""
    fields = [read_addresses(value) for name, value in block.sent if name == "from"]
    named = [each for field in fields for each in field.addresses]
    return Writer(named, named[0] if len(fields) == len(named) == 1 and fields[0].sound else None)
