"""Whether an account works, of a channel or of a helpdesk: how it is asked, and how the answer is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from shared.errors import ConfigurationError, DeliveryError
from shared.ports.connector import Finding

if TYPE_CHECKING:
    from infra.cli.output import Output


def findings_of(problems: Sequence[str], ask: Callable[[], list[Finding]]) -> list[Finding]:
    """What is wrong with the settings; when nothing is, what the other side says when it is asked."""
    if problems:
        return [Finding(False, "settings", problem) for problem in problems]
    try:
        return ask()
    except DeliveryError as error:
        return [Finding(False, error.code, error.title)]
    except ConfigurationError as error:
        return [Finding(False, "settings", str(error))]


def show_findings(output: Output, names: Mapping[str, str | None], findings: Sequence[Finding], heading: str) -> bool:
    """Whether all is well. ``names`` says for programs which account it is, ``heading`` is for people and may be
    empty."""
    passed = all(finding.ok for finding in findings)
    value = {
        **names,
        "ok": passed,
        "findings": [{"ok": each.ok, "subject": each.subject, "detail": each.detail} for each in findings],
    }
    lines = [heading] if heading else []
    lines += [f"{'ok    ' if each.ok else 'FAILED'}  {each.subject}: {each.detail}" for each in findings]
    output.result(value, lines)
    return passed
