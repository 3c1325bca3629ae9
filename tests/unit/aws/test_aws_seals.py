"""Seals: nobody else can make one, and one is good for exactly what it was made for."""

from __future__ import annotations

import hmac

import pytest

from shared.aws import seals as seals_module
from shared.aws.seals import StackSeals

SEALS = StackSeals(lambda: [b"current", b"previous"])
FIELDS = ("reply", "main", "conv_1", "idn_1")


@pytest.mark.parametrize("length", [10, 16, 32])
def test_the_beginning_of_a_seal_holds(length: int) -> None:
    seal = SEALS.seal(*FIELDS)

    assert len(seal) == 32
    assert SEALS.holds(seal[:length], *FIELDS)


@pytest.mark.parametrize("length", [0, 1, 9])
def test_what_could_be_guessed_does_not_hold(length: int) -> None:
    assert not SEALS.holds(SEALS.seal(*FIELDS)[:length], *FIELDS)


def test_more_than_a_seal_does_not_hold() -> None:
    assert not SEALS.holds(SEALS.seal(*FIELDS) + b"x", *FIELDS)


@pytest.mark.parametrize(
    "fields",
    [
        ("reply", "main", "conv_1", "idn_2"),
        ("reply", "main", "conv_1"),
        ("reply", "main", "conv_1", "idn_1", ""),
        ("replymain", "", "conv_1", "idn_1"),
        ("reply", "mainconv_1", "", "idn_1"),
        ("reply", "main\x00conv_1", "idn_1"),
        (),
    ],
)
def test_other_fields_have_another_seal(fields: tuple[str, ...]) -> None:
    assert not SEALS.holds(SEALS.seal(*FIELDS), *fields)


@pytest.mark.parametrize("position", range(10))
def test_a_seal_with_one_bit_changed_does_not_hold(position: int) -> None:
    seal = bytearray(SEALS.seal(*FIELDS)[:10])
    seal[position] ^= 1

    assert not SEALS.holds(bytes(seal), *FIELDS)


def test_new_seals_are_made_with_the_current_secret_and_those_under_the_previous_one_hold() -> None:
    old, new = StackSeals(lambda: [b"previous"]), StackSeals(lambda: [b"current"])

    assert SEALS.seal(*FIELDS) == new.seal(*FIELDS)
    assert SEALS.holds(old.seal(*FIELDS)[:10], *FIELDS)
    assert not SEALS.holds(StackSeals(lambda: [b"older"]).seal(*FIELDS), *FIELDS)


@pytest.mark.parametrize("secret", [b"current", b"previous", b"neither"])
def test_every_secret_is_compared_whichever_it_was(secret: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[bytes] = []

    def compare(ours: bytes, theirs: bytes) -> bool:
        compared.append(ours)
        return hmac.compare_digest(ours, theirs)

    seal = StackSeals(lambda: [secret]).seal(*FIELDS)
    monkeypatch.setattr(seals_module, "compare", compare)

    SEALS.holds(seal, *FIELDS)

    assert len(compared) == 2


def test_a_secret_that_was_rotated_is_asked_for_again() -> None:
    secrets = [[b"one"], [b"two"]]
    seals = StackSeals(lambda: secrets.pop(0))

    assert seals.seal("a") != seals.seal("a")


def test_fields_are_any_text() -> None:
    assert SEALS.holds(SEALS.seal("\ud800", "值", ""), "\ud800", "值", "")
