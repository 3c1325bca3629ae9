"""What agents read in internal notes, besides what every helpdesk's agents read."""

from __future__ import annotations

from shared.helpdesk.wording import Wording

WORDING = Wording(
    {
        "en": {
            "merged": "The customer goes on in another ticket: {conversation}.",
            "erased": "This customer asked to be forgotten. Please delete the user: "
            "Zendesk did not let onethread do it.",
            "deleted": "The customer took a message back. It is still shown here: please redact it.",
            "status": "This ticket could not be set to {status}: {reason}",
            "nameless": "Customer {customer}",
            "subject": "A message",
        },
        "zh-CN": {
            "merged": "客户已转到另一个工单继续沟通：{conversation}。",
            "erased": "该客户要求删除其资料。Zendesk 没有允许 onethread 删除该用户，请手动删除。",
            "deleted": "客户撤回了一条消息，但它仍显示在这里，请手动将其遮盖。",
            "status": "无法将此工单设为 {status}：{reason}",
            "nameless": "客户 {customer}",
            "subject": "一条消息",
        },
    }
)
