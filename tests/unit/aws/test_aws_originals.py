"""Raw mail in the bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from shared.aws.client import AwsClient
from shared.aws.errors import AwsError
from shared.aws.objects import Objects
from shared.aws.originals import S3Originals
from shared.errors import DeliveryError

if TYPE_CHECKING:
    from tests.unit.aws.conftest import ScriptedServer


def test_a_mail_is_read_whole(client: AwsClient, server: ScriptedServer) -> None:
    server.answer(200, b"From: a\xff")

    assert S3Originals(Objects(client), "raw").read("mail/1") == b"From: a\xff"
    assert server.received[0].target == "/raw/mail/1"


def test_the_beginning_of_a_mail_is_all_that_is_asked_for(client: AwsClient, server: ScriptedServer) -> None:
    server.answer(206, b"From")

    assert S3Originals(Objects(client), "raw").beginning("mail/1", 4) == b"From"
    assert server.received[0].headers["range"] == "bytes=0-3"


def test_a_mail_that_is_gone_is_said_to_be_gone_for_good(client: AwsClient, server: ScriptedServer) -> None:
    server.answer(404, b"<Error><Code>NoSuchKey</Code></Error>")

    with pytest.raises(DeliveryError) as raised:
        S3Originals(Objects(client), "raw").read("mail/1")

    assert (raised.value.error_class, raised.value.code) == ("permanent", "media_expired")


def test_another_refusal_is_not_taken_for_that(client: AwsClient, server: ScriptedServer) -> None:
    server.answer(403, b"<Error><Code>AccessDenied</Code></Error>")

    with pytest.raises(AwsError):
        S3Originals(Objects(client), "raw").read("mail/1")
