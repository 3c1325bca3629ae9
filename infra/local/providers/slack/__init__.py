"""A stand-in for Slack: one app, installed in one workspace for each account."""

from infra.local.providers.slack.provider import SlackProvider
from infra.local.providers.slack.settings import AccountSettings

__all__ = ["AccountSettings", "SlackProvider"]
