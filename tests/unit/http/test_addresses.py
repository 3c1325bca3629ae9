"""The line between public addresses and everything else, and addresses taken apart."""

from __future__ import annotations

import contextlib
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import DeliveryError
from shared.http.addresses import (
    REFUSED_IPV4,
    REFUSED_IPV6,
    Origin,
    guarded_target,
    is_public,
    parse_host,
    provider_target,
)


@given(st.ip_addresses(v=4) | st.sampled_from(REFUSED_IPV4).flatmap(lambda network: st.ip_addresses(network=network)))
def test_no_ipv4_address_is_public_that_the_standard_library_calls_special(address: IPv4Address) -> None:
    if is_public(address):
        assert address.is_global
        assert not any((address.is_multicast, address.is_reserved, address.is_loopback, address.is_link_local))


@given(st.ip_addresses(v=6) | st.sampled_from(REFUSED_IPV6).flatmap(lambda network: st.ip_addresses(network=network)))
def test_no_ipv6_address_is_public_that_the_standard_library_calls_special(address: IPv6Address) -> None:
    if is_public(address):
        assert address.is_global
        assert address.ipv4_mapped is None
        assert address.sixtofour is None
        assert address.teredo is None
        assert not any((address.is_multicast, address.is_reserved, address.is_site_local))


@given(st.ip_addresses(v=4))
def test_no_wrapping_of_ipv4_in_ipv6_is_public(inside: IPv4Address) -> None:
    number = int(inside)
    for prefix in ("::", "::ffff:0:0", "64:ff9b::", "64:ff9b:1::"):
        assert not is_public(IPv6Address(int(IPv6Address(prefix)) + number))
    assert not is_public(IPv6Address((0x2002 << 112) + (number << 80) + 1))
    assert not is_public(IPv6Address((0x20010000 << 96) + (number << 64) + 1))


@given(st.ip_addresses(v=4).filter(lambda address: not is_public(address)))
def test_no_private_ipv4_passes_in_any_spelling(address: IPv4Address) -> None:
    number, octets = int(address), address.packed
    spellings = [
        str(address),
        f"{number}",
        f"{number:#x}",
        f"{number:#X}",
        f"0{number:o}",
        ".".join(f"{octet:#x}" for octet in octets),
        ".".join(f"0{octet:03o}" for octet in octets),
        f"{octets[0]}.{number & 0xFFFFFF}",
        f"{octets[0]}.{octets[1]}.{number & 0xFFFF}",
        f"[::ffff:{address}]",
    ]
    for spelling in spellings:
        for host in (spelling, spelling + "."):
            with pytest.raises(DeliveryError, match="address_refused"):
                guarded_target(f"https://{host}/")


@given(st.text(max_size=60))
def test_any_text_is_either_an_address_or_refused(text: str) -> None:
    for url in (text, f"https://{text}", f"https://files.example.org/{text}"):
        with contextlib.suppress(DeliveryError):
            target = guarded_target(url)
            assert (target.origin.scheme, target.origin.port) == ("https", 443)
            assert target.path.startswith("/")
            assert target.path.isascii()
            assert target.path.isprintable()
            assert " " not in target.path


def test_text_that_is_no_ip_address_is_not_public() -> None:
    assert [is_public(text) for text in ("", "example.org", "127.1", "8.8.8.8 ", "8.8.8.8")] == [False] * 4 + [True]


@pytest.mark.parametrize(
    ("url", "origin", "host_header", "path"),
    [
        ("http://127.0.0.1:4566", Origin("http", "127.0.0.1", 4566), "127.0.0.1:4566", "/"),
        ("http://localhost:80/a", Origin("http", "localhost", 80), "localhost", "/a"),
        ("HTTPS://API.example.org:443?x", Origin("https", "api.example.org", 443), "api.example.org", "/?x"),
        ("https://api.example.org:80/", Origin("https", "api.example.org", 80), "api.example.org:80", "/"),
        ("http://[::1]:8080/a?b#c", Origin("http", "::1", 8080), "[::1]:8080", "/a?b"),
        ("https://a.example/%7E~é?q=%20é", Origin("https", "a.example", 443), "a.example", "/%7E~%C3%A9?q=%20%C3%A9"),
    ],
)
def test_an_address_of_a_provider_is_taken_apart(url: str, origin: Origin, host_header: str, path: str) -> None:
    target = provider_target(url)
    assert (target.origin, target.origin.host_header, target.path) == (origin, host_header, path)


def test_a_host_comes_back_in_its_one_spelling() -> None:
    assert parse_host("Files.Example.ORG.") == "files.example.org"
    assert parse_host("8.8.8.8") == IPv4Address("8.8.8.8")
    assert parse_host("2606:4700:4700:0:0:0:0:1111") == IPv6Address("2606:4700:4700::1111")
