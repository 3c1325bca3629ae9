"""What agents read in notes that no customer sees, in the language of the account (``language``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from shared.helpdesk.settings import language

if TYPE_CHECKING:
    from shared.ports.accounts import Account

_COMMON = {
    "en": {
        "switched": "The customer goes on by {to}; answers go there.",
        "switched_from": "The customer goes on by {to} (before: {before}); answers go there.",
        "linked": "{identities} now belongs to this customer (proven by: {evidence}).",
        "unlinked": "A link was taken back: this customer no longer has what it brought.",
        "edited": "The customer changed a message. It now says:\n\n{text}",
        "failed": "A message did not reach the customer by {channel}: {reason}",
        "closing": "The time to answer by {channel} ends at {closes_at}.",
    },
    "zh-CN": {
        "switched": "客户现在改用 {to} 联系，回复将发往该渠道。",
        "switched_from": "客户现在改用 {to} 联系（之前是 {before}），回复将发往该渠道。",
        "linked": "{identities} 现已归入该客户（依据：{evidence}）。",
        "unlinked": "一次身份关联已被撤销，由它带来的身份不再属于该客户。",
        "edited": "客户修改了一条消息，现在的内容是：\n\n{text}",
        "failed": "有一条消息未能通过 {channel} 送达客户：{reason}",
        "closing": "通过 {channel} 回复的时限将于 {closes_at} 结束。",
    },
}

_CHANNELS = {
    "wechat": ("WeChat", "微信"),
    "webchat": ("web chat", "网页聊天"),
    "email": ("email", "邮件"),
    "slack": ("Slack", "Slack"),
}


class Wording:
    """One helpdesk's sentences by language and name: those that all have, and its own."""

    def __init__(self, own: Mapping[str, Mapping[str, str]]) -> None:
        self.sentences = {name: {**common, **own[name]} for name, common in _COMMON.items()}

    def sentence(self, name: str, account: Account, **values: str) -> str:
        return self.sentences[language(account)][name].format(**values)


def channel_name(channel: str, account: Account) -> str:
    """As people call it; a channel without such a name by its own."""
    names = _CHANNELS.get(channel)
    return channel if names is None else names[language(account) == "zh-CN"]
