"""A stand-in for WeChat Official Accounts."""

from infra.local.providers.wechat.provider import WeChatProvider
from infra.local.providers.wechat.settings import AccountSettings

__all__ = ["AccountSettings", "WeChatProvider"]
