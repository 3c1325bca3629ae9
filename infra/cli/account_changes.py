"""Changing an account, of a channel or of a helpdesk: what is stored of it, and whether it is meant to go."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infra.cli.account_settings import ObservedSettings
from infra.cli.errors import CommandError, UsageError

if TYPE_CHECKING:
    from infra.cli.account_secrets import AccountSecrets
    from infra.cli.output import Output
    from shared.ports.accounts import Account


@dataclass(frozen=True, slots=True)
class SettingsChange:
    """What is to be changed of an account's settings: ``given`` goes in, ``unset`` goes out."""

    given: Mapping[str, Any]
    unset: Collection[str]

    @classmethod
    def of(cls, given: Mapping[str, Any], arguments: Namespace) -> SettingsChange:
        """Raises UsageError."""
        if both := sorted(set(given) & set(arguments.unset)):
            raise UsageError(f"{both[0]} is both set and unset")
        return cls(given, arguments.unset)

    def store(
        self, secrets: AccountSecrets, kind: str, account: str, validate: Callable[[Account], list[str]], output: Output
    ) -> tuple[str, list[str]]:
        """What became of the account of ``kind`` (a channel's or a helpdesk's name), in a word, and the names of its
        settings now. Raises CommandError(``invalid_settings``), and then nothing was stored."""
        stored = secrets.read(kind, account)
        for name in self.unset:
            if name not in (stored or {}):
                output.note(f"{name} was not set")
        merged = {name: value for name, value in {**(stored or {}), **self.given}.items() if name not in self.unset}
        observed = ObservedSettings(merged)
        if problems := validate(observed):
            raise CommandError("invalid_settings", f"nothing was stored: {' '.join(problems)}")
        for name in observed.unseen():
            output.note(f"{kind} does not check the setting {name}: is it spelled right?")
        # An unchanged secret gets no new version: that would push the last rotation's secret out of AWSPREVIOUS.
        outcome = "unchanged" if stored == merged else secrets.write(kind, account, merged)
        return outcome, sorted(merged)


def confirmed(kind: str, account: str) -> bool:
    """Whether somebody at the terminal means it. Raises UsageError when nobody is there."""
    if not sys.stdin.isatty():
        raise UsageError("nobody is there to confirm: give --yes")
    sys.stderr.write(f"Remove {kind}/{account}? Its webhooks will be refused. Type its account name to confirm: ")
    sys.stderr.flush()
    return sys.stdin.readline().strip() == account
