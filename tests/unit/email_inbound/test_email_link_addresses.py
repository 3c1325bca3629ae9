"""Link addresses: made by us, read back whatever mail programs do to their letters, and by nobody else."""

from __future__ import annotations

import base64

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from connectors.channels.email.link_address import LinkToken, link_address, read_link, seal_fields
from connectors.channels.email.proofs import LinkProof, prove_link
from shared.model.link_codes import ALPHABET, new_code
from tests.support.mail import FixedSeals

DOMAIN = "reply.shop.example"
SEALS = FixedSeals()
CODE = "ABCD2345"
ADDRESS = link_address("main", DOMAIN, CODE, SEALS)
LETTERS = st.sampled_from("abcdefghijklmnopqrstuvwxyz234567.+@-01 ")


@st.composite
def changed(draw: st.DrawFn) -> str:
    """The address with a letter replaced, added, taken away, or two of them swapped, once or several times."""
    letters = list(ADDRESS)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(letters) - 2))
        match draw(st.sampled_from(["replace", "add", "remove", "swap"])):
            case "replace":
                letters[place] = draw(LETTERS)
            case "add":
                letters.insert(place, draw(LETTERS))
            case "remove":
                del letters[place]
            case _:
                letters[place], letters[place + 1] = letters[place + 1], letters[place]
    return "".join(letters)


@given(changed())
def test_an_address_that_was_changed_proves_nothing(address: str) -> None:
    assume(address.strip() != ADDRESS)

    proof = prove_link([address], "main", DOMAIN, SEALS)

    assert proof is None or proof == LinkProof("forged")


@given(st.text(ALPHABET, min_size=8, max_size=8))
def test_the_seal_of_one_code_is_not_that_of_another(code: str) -> None:
    assume(code != CODE)

    proof = prove_link([ADDRESS.replace(CODE.lower(), code.lower())], "main", DOMAIN, SEALS)

    assert proof == LinkProof("forged")


@given(st.lists(st.booleans(), min_size=len(ADDRESS), max_size=len(ADDRESS)))
def test_capital_letters_change_nothing(capitals: list[bool]) -> None:
    address = "".join(each.upper() if capital else each for each, capital in zip(ADDRESS, capitals, strict=True))

    assert prove_link([address], "main", DOMAIN, SEALS) == LinkProof("held", CODE)


@pytest.mark.parametrize("code", [CODE, "abcd-2345", " ABCD 2345 "])
def test_a_code_in_any_of_its_forms_has_the_same_address(code: str) -> None:
    assert link_address("main", DOMAIN.upper(), code, SEALS) == ADDRESS


def test_what_was_written_is_read_back() -> None:
    for code in (new_code() for _ in range(50)):
        token = read_link(link_address("main", DOMAIN, code, SEALS), DOMAIN)
        assert token == LinkToken(code, SEALS.seal(*seal_fields("main", code))[:10])


def test_the_local_part_has_thirty_characters() -> None:
    assert len(ADDRESS.partition("@")[0]) == 30


@pytest.mark.parametrize("code", ["", "ABCD", "ABCDEFGH", "ABCD0123", "ABCD23456"])
def test_what_is_no_code_has_no_address(code: str) -> None:
    with pytest.raises(ValueError, match="not a link code"):
        link_address("main", DOMAIN, code, SEALS)


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"x{ADDRESS}",
        f"{ADDRESS}.evil.example",
        f"a@x.example, {ADDRESS}",
        ADDRESS.replace("link+", "reply+"),
        ADDRESS.replace("@reply.", "@replyx"),
        ADDRESS.replace("@", "aaaaaaaa@"),
        ADDRESS.replace("@", ".a@"),
        ADDRESS.replace("abcd2345", "abcd-2345"),
        ADDRESS.replace("abcd2345", "abcdefgh"),
    ],
)
def test_anything_else_claims_nothing(text: str) -> None:
    assert read_link(text, DOMAIN) is None


def test_the_first_address_of_the_account_counts() -> None:
    second = link_address("main", DOMAIN, "WXYZ2345", SEALS)
    other = link_address("sales", DOMAIN, CODE, SEALS)

    assert prove_link([other, second, ADDRESS], "main", DOMAIN, SEALS) == LinkProof("held", "WXYZ2345")


@pytest.mark.parametrize("fields", [("main", CODE), ("reply", "main", CODE), ("link", "main", CODE, "")])
def test_what_was_sealed_for_another_use_is_no_link_address(fields: tuple[str, ...]) -> None:
    seal = base64.b32encode(SEALS.seal(*fields)[:10]).decode().lower()

    assert prove_link([f"link+abcd2345.{seal}@{DOMAIN}"], "main", DOMAIN, SEALS) == LinkProof("forged")
