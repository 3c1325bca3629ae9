"""Which pages may use a chat account."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.http.origins import is_allowed, is_origin_pattern, origin_patterns

SHOP = ["https://shop.example", "https://*.shop.example", "http://127.0.0.1:8700"]


@pytest.mark.parametrize(
    "origin",
    [
        "https://shop.example",
        "HTTPS://Shop.Example",
        "https://www.shop.example",
        "https://a.b.shop.example",
        "http://127.0.0.1:8700",
        None,
    ],
)
def test_origins_on_the_list_are_served_and_so_are_programs_without_one(origin: str | None) -> None:
    assert is_allowed(origin, SHOP)


@pytest.mark.parametrize(
    "origin",
    [
        "http://shop.example",
        "https://shop.example:8443",
        "https://shop.example.evil.example",
        "https://evilshop.example",
        "https://evil.example/.shop.example",
        "https://evil.example#.shop.example",
        "https://evil.example?.shop.example",
        "https://user@.shop.example",
        "https://.shop.example",
        "https://a..shop.example",
        "https://*.shop.example",
        "http://127.0.0.1:87001",
        "http://127.0.0.1",
        "null",
        "",
    ],
)
def test_every_other_origin_is_refused(origin: str) -> None:
    assert not is_allowed(origin, SHOP)


def test_a_wildcard_is_for_subdomains_only() -> None:
    assert not is_allowed("https://shop.example", ["https://*.shop.example"])


@pytest.mark.parametrize(
    "settings", [{}, {"allowed_origins": []}, {"allowed_origins": None}, {"allowed_origins": {"*": 1}}]
)
def test_without_a_list_no_page_is_served(settings: dict[str, Any]) -> None:
    patterns = origin_patterns(settings)
    assert not is_allowed("https://shop.example", patterns)
    assert is_allowed(None, patterns)


def test_a_star_serves_every_page() -> None:
    assert is_allowed("https://anything.example", ["*"])
    assert is_allowed("null", ["*"])


def test_a_list_may_be_written_as_one_text() -> None:
    settings = {"allowed_origins": "https://Shop.example/, https://*.shop.example"}
    assert origin_patterns(settings) == ["https://shop.example", "https://*.shop.example"]


@pytest.mark.parametrize(
    "pattern", ["shop.example", "https://", "https://*", "https://*.", "ftp://a.example", "https://a/b"]
)
def test_patterns_that_can_never_match_are_told_apart(pattern: str) -> None:
    assert not is_origin_pattern(pattern)
    assert not is_allowed(pattern, [pattern])


@given(st.text(max_size=60))
def test_only_hosts_below_the_domain_pass_a_wildcard(text: str) -> None:
    origin = f"https://{text}.shop.example"
    if is_allowed(origin, ["https://*.shop.example"]):
        assert not set(text) & set("/\\@:#?[]% \t\n")
