"""Given an access token that many functions share, when it is missing, old or refused, then it is fetched once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial

import pytest

from shared.aws.access_tokens import LEASE, DynamoAccessTokens
from shared.aws.client import AwsClient
from shared.errors import DeliveryError
from shared.ports.context import FreshToken
from tests.support.clients import (
    CREDENTIALS,
    REGION,
    InterruptedClient,
    Killed,
    LossyConnections,
    MortalClient,
    client_for,
)
from tests.support.stores import Clock, Store
from tests.support.threads import together


class Issuer:
    """Stands for the provider: every fetch gives the next token, which lives for two hours."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.fetches = 0
        self._seconds = seconds
        self._lock = threading.Lock()

    def __call__(self, renewal: str | None) -> FreshToken:
        time.sleep(self._seconds)
        with self._lock:
            self.fetches += 1
            return FreshToken(f"token-{self.fetches}", 7200)


def endpoint(store: Store) -> str:
    return store.client.endpoint_url or ""


def sharing(
    store: Store,
    client: AwsClient,
    *,
    clock: Callable[[], float] | None = None,
    sleep: Callable[[float], None] = lambda seconds: None,
) -> DynamoAccessTokens:
    """The tokens as a function with this client sees them."""
    return DynamoAccessTokens(client, store.table, "letters", "main", clock=clock or store.clock, sleep=sleep)


def tokens(store: Store, sleep: Callable[[float], None] = lambda seconds: None) -> DynamoAccessTokens:
    """The tokens as one more function sees them."""
    return sharing(store, client_for(endpoint(store)), sleep=sleep)


def racing(store: Store) -> list[DynamoAccessTokens]:
    """Sixteen functions, on a clock that really goes."""
    return [sharing(store, client_for(endpoint(store)), clock=time.time, sleep=time.sleep) for _ in range(16)]


def test_a_token_is_fetched_once_and_used_by_all(store: Store) -> None:
    issuer = Issuer()

    assert [tokens(store).current(issuer) for _ in range(3)] == ["token-1"] * 3
    assert issuer.fetches == 1


def test_many_functions_that_start_at_once_fetch_one_token(real_store: Store) -> None:
    issuer = Issuer(seconds=0.2)
    sharers = racing(real_store)

    found = together([partial(sharer.current, issuer) for sharer in sharers])

    assert set(found) == {"token-1"}
    assert issuer.fetches == 1


def test_a_token_that_is_refused_to_many_at_once_is_replaced_once(real_store: Store) -> None:
    issuer = Issuer(seconds=0.05)
    sharers = racing(real_store)
    sharers[0].current(issuer)

    found = together([partial(sharer.replace, "token-1", issuer) for sharer in sharers])

    assert set(found) == {"token-2"}
    assert issuer.fetches == 2


def test_a_token_that_was_replaced_between_looking_and_asking_is_not_fetched_again(store: Store) -> None:
    issuer = Issuer()
    tokens(store).current(issuer)
    client = InterruptedClient(endpoint(store))
    client.before("UpdateItem", lambda: tokens(store).replace("token-1", issuer))

    assert sharing(store, client).replace("token-1", issuer) == "token-2"
    assert issuer.fetches == 2


def test_a_token_is_renewed_before_it_expires(store: Store, clock: Clock) -> None:
    issuer = Issuer()
    sharer = tokens(store)
    sharer.current(issuer)

    clock.advance(7200 - 601)
    assert sharer.current(issuer) == "token-1"
    clock.advance(2)
    assert sharer.current(issuer) == "token-2"


def test_whoever_dies_while_fetching_holds_up_the_others_for_the_lease_only(store: Store, clock: Clock) -> None:
    issuer = Issuer()
    # Dies at its third call: it has read, it has the lease and the token, and does not store it.
    dying = sharing(store, MortalClient(endpoint(store), 3, carried_out=False))
    with pytest.raises(Killed):
        dying.current(lambda _: FreshToken("lost", 7200))

    with pytest.raises(DeliveryError) as busy:
        tokens(store, sleep=clock.advance).current(issuer)
    assert (busy.value.error_class, issuer.fetches) == ("retry", 0)

    clock.advance(LEASE)
    assert tokens(store).current(issuer) == "token-1"


def test_whoever_fails_to_fetch_lets_the_next_one_try_at_once(store: Store) -> None:
    def fail(_: str | None) -> FreshToken:
        raise DeliveryError("account", "bad_secret", "bad secret")

    with pytest.raises(DeliveryError):
        tokens(store).current(fail)

    assert tokens(store).current(Issuer()) == "token-1"


def test_a_fetch_that_outlasts_its_lease_does_not_overwrite_the_next_owners_token(store: Store, clock: Clock) -> None:
    issuer = Issuer()

    def slow(_: str | None) -> FreshToken:
        clock.advance(LEASE + 1)
        assert tokens(store).current(issuer) == "token-1"
        return FreshToken("late", 7200)

    assert tokens(store).current(slow) == "late"
    assert tokens(store).current(issuer) == "token-1"


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_lost_answer_does_not_lock_anybody_out(store: Store, at: int) -> None:
    issuer = Issuer()
    client = AwsClient(REGION, CREDENTIALS, endpoint(store), connections=LossyConnections(at))

    assert sharing(store, client).current(issuer) == "token-1"
    assert tokens(store).current(issuer) == "token-1"
    assert issuer.fetches == 1


class SingleUse:
    """Stands for a provider that gives a renewal with each token, and takes each renewal once."""

    def __init__(self) -> None:
        self.given = 0
        self.used: list[str | None] = []

    def __call__(self, renewal: str | None) -> FreshToken:
        expected = f"renewal-{self.given}" if self.given else None
        if renewal != expected:
            raise DeliveryError("account", "renewal_refused", "it was used before, or is none")
        self.used.append(renewal)
        self.given += 1
        return FreshToken(f"token-{self.given}", 43_200, f"renewal-{self.given}")


def test_each_token_is_had_for_the_renewal_that_came_with_the_one_before(store: Store, clock: Clock) -> None:
    provider = SingleUse()

    found = [tokens(store).current(provider)]
    found.append(tokens(store).replace("token-1", provider))
    clock.advance(43_200)
    found.append(tokens(store).current(provider))

    assert found == ["token-1", "token-2", "token-3"]
    assert provider.used == [None, "renewal-1", "renewal-2"]


def test_a_renewal_that_many_want_to_use_at_once_is_used_once(real_store: Store) -> None:
    provider = SingleUse()
    sharers = racing(real_store)
    sharers[0].current(provider)

    found = together([partial(sharer.replace, "token-1", provider) for sharer in sharers])

    assert set(found) == {"token-2"}


@pytest.mark.parametrize("first", [True, False])
def test_a_renewal_is_kept_also_when_the_lease_ran_out_meanwhile(store: Store, clock: Clock, first: bool) -> None:
    """The one before is used up: whoever has the lease by now is refused, and would lock everybody out."""
    provider = SingleUse()
    if not first:
        tokens(store).current(provider)
    before = provider.given

    def slow(renewal: str | None) -> FreshToken:
        token = provider(renewal)
        clock.advance(LEASE + 1)
        with pytest.raises(DeliveryError):
            tokens(store).replace(f"token-{before}", provider)
        return token

    assert tokens(store).replace(f"token-{before}", slow) == f"token-{before + 1}"
    assert tokens(store).replace(f"token-{before + 1}", provider) == f"token-{before + 2}"


def test_a_renewal_of_yesterday_does_not_replace_a_newer_one(store: Store, clock: Clock) -> None:
    newer = iter(["renewal-2"])

    def slow(_: str | None) -> FreshToken:
        clock.advance(LEASE + 1)
        tokens(store).replace("token-1", lambda _: FreshToken("token-2", 43_200, next(newer)))
        return FreshToken("late", 43_200, "renewal-late")

    tokens(store).current(lambda _: FreshToken("token-1", 43_200, "renewal-1"))
    assert tokens(store).replace("token-1", slow) == "late"

    assert tokens(store).replace("token-2", lambda renewal: FreshToken(f"for {renewal}", 43_200)) == "for renewal-2"
