"""What agents read in private notes, besides what every helpdesk's agents read."""

from __future__ import annotations

from shared.helpdesk.wording import Wording

WORDING = Wording(
    {
        "en": {
            "merged": "The customer goes on in another conversation: {conversation}.",
            "erased": "This customer asked to be forgotten. Please delete the contact: this token may not.",
        },
        "zh-CN": {
            "merged": "客户已转到另一个会话继续沟通：{conversation}。",
            "erased": "该客户要求删除其资料。当前令牌无权删除联系人，请手动删除。",
        },
    }
)
