"""Those around the stack: a helpdesk that calls the API, an AWS-side consumer of the stream, WeChat and its users."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import Message
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from boto3.session import Session
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import to_text

from tests.support.event_contract import check_event
from tests.support.http_contract import check_answer

PATIENCE = 15.0


def _named_in_lower_case(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


class Answer:
    """A response of the HTTP interface. Header names are in lower case."""

    def __init__(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.status = status
        self.body = body
        self.headers = headers

    def json(self) -> Any:
        return json.loads(self.body)


class Outside:
    """``local`` is the content of local.json: all that anybody outside knows of the stack."""

    def __init__(self, local: dict[str, Any]) -> None:
        self.local = local
        self.url: str = local["url"]

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        token: str | None = None,
        raw: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """One request with the API key, or with ``token`` instead; ``raw`` is sent as it is."""
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        every = {
            "content-type": "application/json",
            "authorization": f"Bearer {token or self.local['api_key']}",
            **(headers or {}),
        }
        answer = self._answer(Request(self.url + path, data=data, method=method, headers=every))
        if path.startswith(("/v1/", "/chat/", "/hooks/", "/widget.js")):
            check_answer(method, path, answer.status, answer.headers.get("content-type", ""), answer.body)
        return answer

    def _answer(self, request: Request) -> Answer:
        try:
            with urlopen(request, timeout=30) as answer:
                return Answer(answer.status, answer.read(), _named_in_lower_case(answer.headers))
        except HTTPError as error:
            return Answer(error.code, error.read(), _named_in_lower_case(error.headers))

    def aws(self, service: str) -> Any:
        """A boto3 client with the root credentials of the local AWS."""
        access = self.local["aws"]
        session = Session(
            aws_access_key_id=access["access_key_id"],
            aws_secret_access_key=access["secret_access_key"],
            region_name=access["region"],
        )
        make: Callable[..., Any] = session.client
        return make(service, endpoint_url=access["endpoint_url"])

    def secret(self, channel: str, account: str) -> dict[str, Any]:
        name = f"{self.local['secrets_prefix']}{channel}/{account}"
        found: dict[str, Any] = json.loads(self.aws("secretsmanager").get_secret_value(SecretId=name)["SecretString"])
        return found

    def conversation_with(self, text: str) -> str:
        """The conversation in which a message with this text has arrived."""

        def found() -> str | None:
            for conversation in self.call("GET", "/v1/conversations?limit=100").json()["items"]:
                if text in [message["text"] for message in self.messages(conversation["id"])]:
                    return str(conversation["id"])
            return None

        return eventually(found)

    def conversation_with_part(self, text: str) -> str:
        """The conversation in which a message with a text part like this has arrived."""

        def found() -> str | None:
            for conversation in self.call("GET", "/v1/conversations?limit=100").json()["items"]:
                parts = [part for message in self.messages(conversation["id"]) for part in message["parts"]]
                if any(part.get("text") == text for part in parts):
                    return str(conversation["id"])
            return None

        return eventually(found)

    def messages(self, conversation_id: str, after: int = 0) -> list[dict[str, Any]]:
        answer = self.call("GET", f"/v1/conversations/{conversation_id}/messages?after={after}")
        assert answer.status == 200, answer.body
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def reply(self, conversation_id: str, *parts: dict[str, Any], **fields: object) -> dict[str, Any]:
        """A reply that the API accepts."""
        path = f"/v1/conversations/{conversation_id}/messages"
        answer = self.call("POST", path, {"parts": list(parts), **fields})
        assert answer.status == 202, answer.body
        accepted: dict[str, Any] = answer.json()
        return accepted

    def status_of(self, conversation_id: str, sequence: int) -> dict[str, Any]:
        (message,) = [each for each in self.messages(conversation_id) if each["sequence"] == sequence]
        return message

    def upload(self, form: dict[str, Any], body: bytes) -> None:
        """Posts a file as POST /v1/media asked for it."""
        boundary = uuid.uuid4().hex
        fields = "".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in form["fields"].items()
        )
        head = f'{fields}--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="file"\r\n\r\n'
        data = head.encode() + body + f"\r\n--{boundary}--\r\n".encode()
        headers = {"content-type": f"multipart/form-data; boundary={boundary}"}
        with urlopen(Request(form["url"], data=data, method="POST", headers=headers), timeout=30) as answer:
            assert answer.status in (200, 201, 204)

    def waiting(self, queue: str) -> int:
        """How many messages wait in a queue of the stack, by the end of its name."""
        sqs = self.aws("sqs")
        url = sqs.get_queue_url(QueueName=f"{self.local['table']}-{queue}")["QueueUrl"]
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return sum(int(count) for count in counts.values())

    def wechat(self, action: str, body: object, method: str = "POST") -> Any:
        """A WeChat user acting in the app, by the stand-in's control interface."""
        answer = self.call(method, f"/_control/wechat/{action}", body)
        assert answer.status < 300, answer.body
        return answer.json()

    def wechat_user(self, name: str, account: str = "main") -> str:
        """The openid of a new follower."""
        return str(self.wechat("customers", {"name": name, "account": account, "follow": True})["openid"])

    def wechat_screen(self, openid: str) -> list[dict[str, Any]]:
        """What the user has received, oldest first."""
        timeline = self.wechat(f"customers/{openid}", None, "GET")["timeline"]
        return [entry for entry in timeline if entry["direction"] == "received"]

    @contextmanager
    def subscriber(self) -> Iterator[Callable[[], list[dict[str, Any]]]]:
        """A FIFO queue subscribed to the event topic. Call what it gives to receive what has arrived, in order."""
        sqs, sns = self.aws("sqs"), self.aws("sns")
        name = f"consumer-{uuid.uuid4().hex[:8]}.fifo"
        queue = sqs.create_queue(QueueName=name, Attributes={"FifoQueue": "true"})["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        topic = self.local["events_topic_arn"]
        policy = {
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "sns.amazonaws.com"},
                    "Action": "sqs:SendMessage",
                    "Resource": arn,
                    "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
                }
            ]
        }
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(policy)})
        subscription = sns.subscribe(
            TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"}
        )["SubscriptionArn"]

        def receive() -> list[dict[str, Any]]:
            events = []
            answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            for message in answer.get("Messages", []):
                events.append(json.loads(message["Body"]))
                check_event(events[-1])
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            return events

        try:
            yield receive
        finally:
            sns.unsubscribe(SubscriptionArn=subscription)
            sqs.delete_queue(QueueUrl=queue)


class WeChatServer:
    """WeChat's side of a secure account, spoken by wechatpy: an implementation that shares nothing with ours."""

    def __init__(self, outside: Outside, account: str = "main") -> None:
        self._outside = outside
        self._account = account
        secret = outside.secret("wechat", account)
        self._crypto = WeChatCrypto(secret["token"], secret["encoding_aes_key"], secret["app_id"])

    def push(self, openid: str, text: str, message_id: int) -> Answer:
        """A text message from a user, encrypted and signed."""
        now = int(time.time())
        xml = (
            f"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[{openid}]]></FromUserName>"
            f"<CreateTime>{now}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
            f"<Content><![CDATA[{text}]]></Content><MsgId>{message_id}</MsgId></xml>"
        )
        return self.deliver(xml, openid, now)

    def deliver(self, xml: str, openid: str, timestamp: int) -> Answer:
        from xml.etree import ElementTree

        sealed = ElementTree.fromstring(to_text(self._crypto.encrypt_message(xml, "nonce", str(timestamp))))
        encrypted, signature = sealed.findtext("Encrypt"), sealed.findtext("MsgSignature")
        query = urlencode(
            {
                "signature": "0" * 40,
                "timestamp": timestamp,
                "nonce": "nonce",
                "openid": openid,
                "encrypt_type": "aes",
                "msg_signature": signature,
            }
        )
        body = f"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
        return self._outside.call(
            "POST",
            f"/hooks/wechat/{self._account}?{query}",
            raw=body.encode(),
            headers={"content-type": "text/xml"},
        )


def eventually[Found](look: Callable[[], Found | None], patience: float = PATIENCE) -> Found:
    """What ``look`` finds, as soon as it finds something. Fails when patience ends."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"nothing within {patience} s")
