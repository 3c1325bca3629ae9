"""The trunk in one process: a push of WeChat becomes a conversation, an answer goes out, and events tell of both."""

from __future__ import annotations

import time

import pytest

from tests.unit.functions.stage import Stage
from tests.unit.functions.wechat_api import WeChatApi
from tests.unit.wechat.pushes import xml


@pytest.mark.parametrize("account", ["plain", "secure"])
def test_a_message_comes_in_and_its_answer_goes_out(stage: Stage, wechat: WeChatApi, account: str) -> None:
    key = stage.key("write")
    now = str(int(time.time()))
    message = xml(FromUserName=f"ann-{account}", MsgId="1", Content="hello", CreateTime=now)
    assert stage.push(message, account).body == "success"
    stage.run()
    conversations = stage.api("GET", "/v1/conversations", key=key).json["items"]
    conversation = conversations[0]
    assert [route["account"] for route in conversation["routes"]] == [account]
    path = f"/v1/conversations/{conversation['id']}"
    reply = stage.api("POST", f"{path}/messages", {"parts": [{"type": "text", "text": "welcome"}]}, key=key)
    assert reply.status == 202
    stage.run()
    assert wechat.sent[-1] == {"touser": f"ann-{account}", "msgtype": "text", "text": {"content": "welcome"}}
    messages = stage.api("GET", f"{path}/messages", key=key).json["items"]
    assert [(each["text"], each.get("status")) for each in messages] == [("hello", None), ("welcome", "sent")]
    events = stage.api("GET", f"{path}/events", key=key).json["items"]
    assert [event["sequence"] for event in events] == [1, 2, 3]
