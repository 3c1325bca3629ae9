"""Subscriptions as the command line shows them to people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def place(subscription: Mapping[str, Any]) -> str:
    """Where its events go."""
    return str(subscription.get("url") or subscription.get("helpdesk"))


def secret_lines(answer: Mapping[str, Any]) -> list[str]:
    """What its webhooks are verified with; nothing for a helpdesk."""
    if "secret" in answer:
        return [f"secret: {answer['secret']}", "It is shown this once: keep it where secrets are kept."]
    return [f"public key: {answer['public_key']}"] if "public_key" in answer else []


def details(found: Mapping[str, Any]) -> list[str]:
    """One subscription, and how its endpoint is."""
    health = found["health"]
    reason = f" ({found['reason']})" if found.get("reason") else ""
    lines = [
        f"{found['id']}  {place(found)}",
        f"status     {found['status']}{reason}",
        f"types      {', '.join(found['types']) or 'all'}",
        f"channels   {', '.join(found['channels']) or 'all'}",
        f"endpoint   {health['status']}{_since(health)}",
        f"waiting    {_conversations(found['pending'])}",
    ]
    if failure := health.get("last_failure"):
        lines.append(f"last failure  {failure.get('code')} at {failure['at']}")
    lines += [f"failing    {_failing(each)}" for each in found["failing_conversations"]]
    lines += [
        f"skipped    {each['conversation_id']} at {each['sequence']}: {each['event_id']}, "
        f"on {each['at']} by key {each['by']}{_answer(each)}"
        for each in found.get("skipped", [])
    ]
    return lines


def _failing(lane: Mapping[str, Any]) -> str:
    place = f" at {lane['sequence']}" if "sequence" in lane else ""
    again = f"again at {lane['next_attempt_at']}" if lane.get("next_attempt_at") else "again when it is woken"
    return f"{lane['conversation_id']}{place}: {lane['failures']} failures{_answer(lane)}, {again}"


def _answer(failed: Mapping[str, Any]) -> str:
    return f" ({failed['code']})" if failed.get("code") else ""


def _since(health: Mapping[str, Any]) -> str:
    return f" since {health['failing_since']}" if health.get("failing_since") else ""


def _conversations(number: int) -> str:
    """How many wait; the interface counts no further than a hundred."""
    if number == 1:
        return "1 conversation"
    return f"{number}{' or more' if number >= 100 else ''} conversations"
