"""API keys: shown once, stored as a hash, scoped, revocable within a minute."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.core.api_keys import REMEMBERED_SECONDS, ApiKey, Authenticate, Scope, hash_secret, new_key
from shared.errors import Forbidden, Unauthorized


class Keys:
    """``asked`` counts the reads of the store."""

    def __init__(self) -> None:
        self.stored: dict[str, ApiKey] = {}
        self.asked = 0

    def issue(self, *scopes: Scope) -> str:
        key_id, text, secret_hash = new_key()
        self.stored[key_id] = ApiKey(key_id, "test", scopes, secret_hash, "2026-01-02T03:04:05.678Z")
        return text

    def find(self, key_id: str) -> ApiKey | None:
        self.asked += 1
        return self.stored.get(key_id)


@pytest.fixture
def keys() -> Keys:
    return Keys()


@pytest.fixture
def now() -> list[float]:
    return [100.0]


@pytest.fixture
def authenticate(keys: Keys, now: list[float]) -> Authenticate:
    return Authenticate(keys, lambda: now[0])


@pytest.mark.parametrize(
    ("granted", "allowed"),
    [("read", ["read"]), ("write", ["read", "write"]), ("admin", ["read", "write", "admin"])],
)
def test_a_scope_includes_the_lesser_ones(
    keys: Keys, authenticate: Authenticate, granted: Scope, allowed: list[Scope]
) -> None:
    text = keys.issue(granted)
    scopes: tuple[Scope, ...] = ("read", "write", "admin")
    for scope in scopes:
        if scope in allowed:
            assert authenticate(f"Bearer {text}", scope).scopes == (granted,)
        else:
            with pytest.raises(Forbidden) as refused:
                authenticate(f"Bearer {text}", scope)
            assert refused.value.code == "scope_missing"


def test_the_key_itself_is_kept_nowhere() -> None:
    key_id, text, secret_hash = new_key()
    secret = text.removeprefix(f"ot_{key_id}_")
    assert secret_hash == hash_secret(secret)
    assert secret not in secret_hash
    assert len(secret) >= 43


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic abc", "Token ot_a_b", "   "])
def test_a_request_without_a_key_is_told_to_send_one(authenticate: Authenticate, header: str | None) -> None:
    with pytest.raises(Unauthorized) as refused:
        authenticate(header, "read")
    assert refused.value.code == "missing_key"


def test_the_word_bearer_may_be_in_any_case(keys: Keys, authenticate: Authenticate) -> None:
    assert authenticate(f"bEaReR  {keys.issue('read')} ", "read")


def test_a_wrong_key_is_refused_in_whatever_way_it_is_wrong(keys: Keys, authenticate: Authenticate) -> None:
    text = keys.issue("read")
    prefix, key_id, secret = text.split("_", 2)
    wrong = [
        f"{prefix}_{key_id}_{secret[:-1]}",
        f"{prefix}_{key_id}_{secret}x",
        f"{prefix}_{key_id}_",
        f"{prefix}_{key_id}",
        f"xx_{key_id}_{secret}",
        f"{prefix}_{'0' * 12}_{secret}",
        f"{prefix}_{'a' * 5000}_{secret}",
        f"{prefix}_ä#/{key_id}_{secret}",
        f"{prefix}__{secret}",
        "ключ",
        "\udcff",
        f"{prefix}_{key_id}_\udcff",
    ]
    for each in wrong:
        with pytest.raises(Unauthorized) as refused:
            authenticate(f"Bearer {each}", "read")
        assert refused.value.code == "bad_key"


def test_odd_key_ids_never_reach_the_store(keys: Keys, authenticate: Authenticate) -> None:
    for key_id in ("", "a" * 33, "a/b", "#"):
        with pytest.raises(Unauthorized):
            authenticate(f"Bearer ot_{key_id}_x", "read")
    assert keys.asked == 0


def test_a_revoked_key_is_refused_after_a_minute_at_the_latest(
    keys: Keys, authenticate: Authenticate, now: list[float]
) -> None:
    text = keys.issue("read")
    key = authenticate(f"Bearer {text}", "read")
    keys.stored[key.id] = replace(key, revoked_at="2026-01-02T03:04:05.678Z")
    now[0] += REMEMBERED_SECONDS
    with pytest.raises(Unauthorized) as refused:
        authenticate(f"Bearer {text}", "read")
    assert refused.value.code == "bad_key"


def test_a_key_is_read_once_a_minute(keys: Keys, authenticate: Authenticate, now: list[float]) -> None:
    text = keys.issue("read")
    for _ in range(5):
        authenticate(f"Bearer {text}", "read")
    assert keys.asked == 1
    now[0] += REMEMBERED_SECONDS
    authenticate(f"Bearer {text}", "read")
    assert keys.asked == 2


def test_a_key_that_was_not_there_is_found_as_soon_as_it_is(keys: Keys, authenticate: Authenticate) -> None:
    text = keys.issue("read")
    stored, keys.stored = keys.stored, {}
    with pytest.raises(Unauthorized):
        authenticate(f"Bearer {text}", "read")
    keys.stored = stored
    assert authenticate(f"Bearer {text}", "read")
