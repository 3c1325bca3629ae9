"""What agents read in internal notes, in the language of the account."""

from __future__ import annotations

from connectors.helpdesks.zendesk.settings import language
from shared.ports import Account

_SENTENCES = {
    "en": {
        "switched": "The customer goes on by {to}; answers go there.",
        "switched_from": "The customer goes on by {to} (before: {before}); answers go there.",
        "linked": "{identities} now belongs to this customer (proven by: {evidence}).",
        "unlinked": "A link was taken back: this customer no longer has what it brought.",
        "edited": "The customer changed a message. It now says:\n\n{text}",
        "merged": "The customer goes on in another ticket: {conversation}.",
        "failed": "A message did not reach the customer by {channel}: {reason}",
        "closing": "The time to answer by {channel} ends at {closes_at}.",
        "erased": "This customer asked to be forgotten. Please delete the user: Zendesk did not let onethread do it.",
        "deleted": "The customer took a message back. It is still shown here: please redact it.",
        "status": "This ticket could not be set to {status}: {reason}",
        "nameless": "Customer {customer}",
        "subject": "A message",
    },
    "zh-CN": {
        "switched": "客户现在改用 {to} 联系，回复将发往该渠道。",
        "switched_from": "客户现在改用 {to} 联系（之前是 {before}），回复将发往该渠道。",
        "linked": "{identities} 现已归入该客户（依据：{evidence}）。",
        "unlinked": "一次身份关联已被撤销，由它带来的身份不再属于该客户。",
        "edited": "客户修改了一条消息，现在的内容是：\n\n{text}",
        "merged": "客户已转到另一个工单继续沟通：{conversation}。",
        "failed": "有一条消息未能通过 {channel} 送达客户：{reason}",
        "closing": "通过 {channel} 回复的时限将于 {closes_at} 结束。",
        "erased": "该客户要求删除其资料。Zendesk 没有允许 onethread 删除该用户，请手动删除。",
        "deleted": "客户撤回了一条消息，但它仍显示在这里，请手动将其遮盖。",
        "status": "无法将此工单设为 {status}：{reason}",
        "nameless": "客户 {customer}",
        "subject": "一条消息",
    },
}

_CHANNELS = {
    "wechat": ("WeChat", "微信"),
    "webchat": ("web chat", "网页聊天"),
    "email": ("email", "邮件"),
    "slack": ("Slack", "Slack"),
}


def sentence(name: str, account: Account, **values: str) -> str:
    return _SENTENCES[language(account)][name].format(**values)


def channel_name(channel: str, account: Account) -> str:
    """As people call it; a channel without such a name by its own."""
    names = _CHANNELS.get(channel)
    return channel if names is None else names[language(account) == "zh-CN"]
