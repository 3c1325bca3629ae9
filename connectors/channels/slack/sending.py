"""Calls that reach the customer: posts and files.

Sources: docs.slack.dev, "chat.postMessage", "conversations.open", "files.getUploadURLExternal",
"files.completeUploadExternal", "files.info".
"""

from __future__ import annotations

import copy
import time
from typing import TYPE_CHECKING, Any

from connectors.channels.slack.api import ask, call, is_of_the_api, is_slack
from connectors.channels.slack.capabilities import FILE
from connectors.channels.slack.tokens import TokenUse
from shared.errors import DeliveryError, InfrastructureError
from shared.http.answers import before_sending, check_status
from shared.ports.connector import SendResult

if TYPE_CHECKING:
    from shared.ports.connector import OutboundRequest, Upload
    from shared.ports.context import ChannelContext

LOOKS = (0.2, 0.6, 1.2)
"""Seconds before each look whether Slack has written the message with a file. Without its id, what people do with the
message later finds nothing here; more than this it is not worth: other messages of the conversation wait."""

_UPLOAD_TIMEOUT = 60.0


def send(request: OutboundRequest, context: ChannelContext) -> SendResult:
    """``delivered``: what Slack takes is there to be read, and it tells nobody whether it was.

    Raises DeliveryError, classed.
    """
    body, tokens = copy.deepcopy(request.body), TokenUse(context)
    if "user" in body:
        body["channel"] = _opened(str(body.pop("user")), tokens)
    if request.operation == "upload":
        return _share(body, request.uploads[0], tokens)
    answer = call("chat.postMessage", body, tokens)
    ts = answer.get("ts")
    channel = answer["channel"] if isinstance(answer.get("channel"), str) else body["channel"]
    return SendResult((f"{channel}:{ts}",) if isinstance(ts, str) and ts else (), "delivered")


def _opened(user: str, tokens: TokenUse) -> str:
    """The channel of a person's direct messages with the app. Should Slack's answer not say it, the person's own id
    does as well."""
    try:
        with before_sending():
            with_person = call("conversations.open", {"users": user}, tokens).get("channel")
    except DeliveryError as error:
        if error.code == "provider_garbled":
            return user
        raise
    found = with_person.get("id") if isinstance(with_person, dict) else None
    return found if isinstance(found, str) and found else user


def _share(body: dict[str, Any], upload: Upload, tokens: TokenUse) -> SendResult:
    """The file is with Slack before it is shown: until the last call nobody sees anything of it."""
    filename, files = body.pop("filename"), body["files"]
    with before_sending():
        files[0]["id"] = _uploaded(filename, _content(upload, tokens), tokens)
    channel = body["channel_id"] = body.pop("channel")
    answer = call("files.completeUploadExternal", body, tokens)
    files = answer.get("files")
    first = files[0] if isinstance(files, list) and files and isinstance(files[0], dict) else {}
    return SendResult(_shown_as(first, channel) or _looked_up(body["files"][0]["id"], channel, tokens), "delivered")


def _content(upload: Upload, tokens: TokenUse) -> bytes:
    return tokens.context.media.read(upload.media, FILE.maximum_bytes)


def _uploaded(filename: str, content: bytes, tokens: TokenUse) -> str:
    """Slack's id for the file. The address for its bytes carries its own proof: our token does not go there."""
    place = ask("files.getUploadURLExternal", {"filename": filename, "length": str(len(content))}, tokens)
    url, file_id = place.get("upload_url"), place.get("file_id")
    if not isinstance(url, str) or not isinstance(file_id, str):
        raise DeliveryError("retry", "provider_garbled", "Slack's answer names no place for the file")
    context = tokens.context
    configured = is_of_the_api(url, context)
    if not configured and not is_slack(url):
        raise DeliveryError("permanent", "address_refused", "Slack named a place for the file that is not its own")
    client = context.http if configured else context.web
    headers = {"content-type": "application/octet-stream"}
    answer = client.request("POST", url, headers=headers, body=content, timeout=_UPLOAD_TIMEOUT)
    check_status(answer, "Slack")
    return file_id


def _looked_up(file_id: str, channel: str, tokens: TokenUse) -> tuple[str, ...]:
    """The message with a file, which Slack writes a moment after it has taken the file. Raises nothing: the customer
    has the file by now, and it must not be sent again."""
    for pause in LOOKS:
        time.sleep(pause)
        try:
            file = ask("files.info", {"file": file_id}, tokens).get("file")
        except (DeliveryError, InfrastructureError):
            return ()
        found = _shown_as(file if isinstance(file, dict) else {}, channel)
        if found:
            return found
    return ()


def _shown_as(file: dict[str, Any], channel: str) -> tuple[str, ...]:
    """The message that shows a file in a channel, as far as the file object says so."""
    shares = file.get("shares")
    for kind in shares.values() if isinstance(shares, dict) else ():
        posts = kind.get(channel) if isinstance(kind, dict) else None
        ts = posts[0].get("ts") if isinstance(posts, list) and posts and isinstance(posts[0], dict) else None
        if isinstance(ts, str) and ts:
            return (f"{channel}:{ts}",)
    return ()
