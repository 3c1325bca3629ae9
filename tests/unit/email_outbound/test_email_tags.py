"""A report names the account by a tag, and tags hold less than names of accounts."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.channels.email.tags import account_tag, tagged_account

NAMES = st.text("abcXYZ019_+=.@-", min_size=1, max_size=100)


@given(NAMES)
def test_every_name_of_an_account_comes_back_from_its_tag(name: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,256}", account_tag(name))
    assert tagged_account(account_tag(name)) == name


def test_ordinary_names_stay_readable() -> None:
    assert account_tag("main") == "main"
    assert account_tag("support-eu_1") == "support-eu_1"


def test_a_tag_that_we_never_made_is_refused() -> None:
    with pytest.raises(ValueError, match="hexadecimal"):
        tagged_account("_not hex")
