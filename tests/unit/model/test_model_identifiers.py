"""Names and times: ordered by the millisecond, derived ones always the same, times as RFC 3339 writes them."""

from __future__ import annotations

import re
import uuid
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.model.identifiers import (
    conversation_id,
    customer_id,
    digest,
    identity_id,
    media_id,
    message_id,
    uuid7,
)
from shared.model.timestamps import rfc3339, seconds
from shared.model.uploads import MEDIA_ID

WORDS = st.text(max_size=20)
MILLISECONDS = st.integers(0, 2**48 - 1)


@settings(deadline=None)
@given(milliseconds=MILLISECONDS)
def test_a_uuid7_is_one_by_the_standard_and_holds_its_time(milliseconds: int) -> None:
    value = uuid.UUID(uuid7(milliseconds / 1000))
    assert (value.version, value.variant) == (7, uuid.RFC_4122)
    assert abs((value.int >> 80) - milliseconds) <= 1


@settings(deadline=None)
@given(earlier=st.integers(0, 10**12), later=st.integers(2, 10**6))
def test_ids_sort_by_the_millisecond_they_were_made_in(earlier: int, later: int) -> None:
    assert message_id(earlier / 1000) < message_id((earlier + later) / 1000)


def test_ids_of_one_moment_differ() -> None:
    assert len({message_id(1.0) for _ in range(1000)}) == 1000


@pytest.mark.parametrize(
    ("make", "prefix"),
    [(message_id, "msg_"), (conversation_id, "conv_"), (customer_id, "cus_"), (media_id, "med_")],
)
def test_ids_say_what_they_name(make: object, prefix: str) -> None:
    assert callable(make)
    assert re.fullmatch(prefix + r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", make())


def test_a_media_id_is_one_that_uploads_take() -> None:
    assert MEDIA_ID.fullmatch(media_id())


def test_the_id_of_an_identity_never_changes() -> None:
    """It is a key of stored items: another result would lose every customer."""
    assert identity_id("wechat", "main", "o6_bmjrPTlm6_2sgVt7hMZOPfL2M") == "idn_76wlqzlvelxgytj3bp4ulvobpj"


@settings(deadline=None)
@given(first=st.lists(WORDS, min_size=1, max_size=3), second=st.lists(WORDS, min_size=1, max_size=3))
def test_only_equal_fields_have_an_equal_digest(first: list[str], second: list[str]) -> None:
    joined = ["\x00".join(each) for each in (first, second)]
    assert (digest(*first) == digest(*second)) == (joined[0] == joined[1])


@settings(deadline=None)
@given(fields=st.lists(st.text(), max_size=3))
def test_a_digest_shows_nothing_and_fits_a_queue_group(fields: list[str]) -> None:
    assert re.fullmatch("[a-z2-7]{26}", digest(*fields))


@settings(deadline=None)
@given(at=st.floats(0, 253_402_300_799))
def test_times_are_utc_with_milliseconds_and_come_back(at: float) -> None:
    text = rfc3339(at)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text)
    assert -0.000_01 <= at - seconds(text) <= 0.001_01


def test_a_time_reads_as_everybody_reads_it() -> None:
    assert rfc3339(1_767_323_045.678) == "2026-01-02T03:04:05.678Z"
    assert datetime.fromisoformat(rfc3339(0)).year == 1970


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01T00:00:00Z"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"(?i)iso|month"):
        seconds(text)
