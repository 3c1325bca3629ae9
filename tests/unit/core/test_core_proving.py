"""Given somebody who proves an address, a number or an id that a customer has proven before, then they are that
customer; given somebody who only says so, then it is a suggestion, and nobody is linked."""

from __future__ import annotations

import pytest

from shared.core.linking.proving import normal, suggestions
from shared.core.linking.records import MOST_IDENTITIES, Claim, CustomerState
from shared.model.conversation import Suggestion
from shared.model.inbound import Sender
from shared.model.parts import ContactPart
from tests.support.channels import text_message, webhook
from tests.unit.core.desk import Desk
from tests.unit.core.people import (
    STORED,
    customer_of,
    identities_of,
    last_of,
    log_of,
    merge,
    named,
    proves,
    texts_of,
    unlink,
    writes_as,
)

HOME = "ann@home.example"
WORK = "ann@work.example"
ANN, ANNS_POST, ANN_HERE = named("ann"), named("ann", "post"), named("ann", "lounge")


@pytest.fixture
def desk() -> Desk:
    return Desk()


def suggested(desk: Desk, customer_id: str) -> list[Suggestion]:
    return suggestions(desk.links, desk.store, customer_id)


def visitor(name: str, **aliases: str) -> Sender:
    """Somebody in the web chat of a site that has its own login."""
    return Sender(external_id=name, scope="main", verification="signed_token", aliases=aliases)


class TestSomebodyNew:
    @pytest.mark.parametrize(
        ("kind", "value", "again"),
        [
            ("email", HOME, HOME),
            ("email", HOME, "Ann@HOME.example"),
            ("unionid", "o6_bmasdasdsad6_2sgVt7hMZOPfL", "o6_bmasdasdsad6_2sgVt7hMZOPfL"),
            ("phone", "+4915112345678", "+49 151 1234-5678"),
        ],
    )
    def test_what_was_proven_before_makes_them_the_same_customer(
        self, desk: Desk, kind: str, value: str, again: str
    ) -> None:
        proves(desk, "ann", **{kind: value})
        ann = customer_of(desk, "ann")

        assert proves(desk, "ann", channel="post", **{kind: again}) == STORED

        assert identities_of(desk, ann) == {ANN, ANNS_POST}
        head = desk.conversation("ann")
        assert head == desk.conversation("ann", "post")
        assert log_of(desk, head.conversation_id)[2:] == [
            "identity.linked",
            "conversation.channel_switched",
            "message.received",
        ]
        link = last_of(desk, head.conversation_id, "identity.linked").data["link"]
        assert (link["evidence"], link["by"], link["identity_ids"]) == (
            kind,
            {"type": "system", "id": ANNS_POST},
            [ANNS_POST],
        )

    @pytest.mark.parametrize("first", ["mail", "chat"])
    def test_a_mail_address_and_a_login_with_it_are_one_whichever_comes_first(self, desk: Desk, first: str) -> None:
        sender = visitor("ann", email=HOME)
        if first == "chat":
            writes_as(desk, sender, "lounge")
        proves(desk, HOME, email=HOME)
        writes_as(desk, sender, "lounge")
        assert customer_of(desk, "ann", "lounge") == customer_of(desk, HOME)
        assert desk.store.identities[ANN_HERE].identity.verification == "signed_token"
        assert desk.store.identities[named(HOME)].identity.verification == "provider"

    def test_one_of_several_things_that_they_prove_is_enough(self, desk: Desk) -> None:
        proves(desk, "ann", email=HOME)
        proves(desk, "ann", channel="post", phone="+4915112345678", email=HOME)
        proves(desk, "ann", channel="lounge", phone="+4915112345678")
        assert identities_of(desk, customer_of(desk, "ann")) == {ANN, ANNS_POST, ANN_HERE}

    def test_what_nobody_else_has_proven_makes_a_customer_of_their_own(self, desk: Desk) -> None:
        proves(desk, "ann", email=HOME)
        proves(desk, "bob", channel="post", email="bob@home.example")
        proves(desk, "cid", channel="lounge", phone=HOME)
        assert len(desk.store.customers) == 3

    def test_a_customer_with_as_many_identities_as_there_may_be_gets_no_more_and_nothing_is_lost(
        self, desk: Desk
    ) -> None:
        for number in range(MOST_IDENTITIES):
            proves(desk, f"ann-{number}", email=HOME)
        assert proves(desk, "ann-more", email=HOME) == STORED
        full = customer_of(desk, "ann-0")
        assert len(identities_of(desk, full)) == MOST_IDENTITIES
        assert texts_of(desk, desk.conversation("ann-more").conversation_id) == ["hello"]
        assert customer_of(desk, "ann-more") != full
        assert [found.customer_id for found in suggested(desk, customer_of(desk, "ann-more"))] == [full]

    def test_who_comes_by_a_race_of_two_with_one_address_is_one_customer(self, desk: Desk) -> None:
        proves(desk, "ann", email=HOME)
        desk.links.meanwhile.append(lambda: proves(desk, "ann", channel="lounge", email=HOME))
        proves(desk, "ann", channel="post", email=HOME)
        assert identities_of(desk, customer_of(desk, "ann")) == {ANN, ANNS_POST, ANN_HERE}


class TestSomebodyKnown:
    def test_who_is_alone_comes_along_with_what_they_prove_later(self, desk: Desk) -> None:
        proves(desk, "ann", email=HOME)
        desk.write("ann", "who am I?", channel="post")
        posted = desk.conversation("ann", "post").conversation_id

        proves(desk, "ann", channel="post", email=HOME)

        assert identities_of(desk, customer_of(desk, "ann")) == {ANN, ANNS_POST}
        assert log_of(desk, posted)[-1] == "conversation.closed"
        assert texts_of(desk, desk.conversation("ann").conversation_id) == ["hello", "hello"]
        assert desk.store.identities[ANNS_POST].identity.aliases == {"email": HOME}

    def test_who_has_company_stays_and_a_person_decides(self, desk: Desk) -> None:
        proves(desk, "ann", email=HOME)
        desk.write("ann", channel="post")
        desk.write("bob", channel="lounge")
        merge(desk, customer_of(desk, "bob", "lounge"), posted := customer_of(desk, "ann", "post"))

        assert proves(desk, "ann", channel="post", email=HOME) == STORED

        assert identities_of(desk, customer_of(desk, "ann")) == {ANN}
        [suggestion] = suggested(desk, posted)
        assert suggestion == Suggestion(
            kind="email",
            value=HOME,
            customer_id=customer_of(desk, "ann"),
            identity_id=ANNS_POST,
            said_at="2027-01-15T08:00:00.000Z",
            proven=True,
        )
        merge(desk, posted, customer_of(desk, "ann"))
        assert suggested(desk, customer_of(desk, "ann")) == []

    def test_what_they_prove_newly_is_what_others_find_them_by(self, desk: Desk) -> None:
        desk.write("ann")
        proves(desk, "ann", email=HOME)
        proves(desk, "ann", email=HOME, phone="+4915112345678")
        proves(desk, "ann", channel="post", phone="+4915112345678")
        assert identities_of(desk, customer_of(desk, "ann")) == {ANN, ANNS_POST}

    def test_who_was_parted_from_a_customer_is_not_brought_back_by_the_same_proof(self, desk: Desk) -> None:
        proves(desk, "ann", email=HOME)
        desk.write("ann", channel="post")
        proves(desk, "ann", channel="post", email=HOME)
        unlink(desk, customer_of(desk, "ann"), ANNS_POST)
        for _ in range(2):
            assert proves(desk, "ann", channel="post", email=HOME) == STORED
        assert identities_of(desk, customer_of(desk, "ann")) == {ANN}

    def test_a_full_customer_takes_nobody_in_and_nothing_is_lost(self, desk: Desk) -> None:
        for number in range(MOST_IDENTITIES):
            proves(desk, f"ann-{number}", email=HOME)
        desk.write("late", channel="post")
        assert proves(desk, "late", channel="post", email=HOME) == STORED
        late = customer_of(desk, "late", "post")
        assert identities_of(desk, late) == {named("late", "post")}
        assert texts_of(desk, desk.conversation("late", "post").conversation_id) == ["hello", "hello"]
        assert [found.customer_id for found in suggested(desk, late)] == [customer_of(desk, "ann-0")]

    def test_who_is_brought_along_by_somebody_else_meanwhile_is_there_already(self, desk: Desk) -> None:
        proves(desk, "ann", email=HOME)
        desk.write("ann", channel="post")
        ann, post = customer_of(desk, "ann"), customer_of(desk, "ann", "post")
        read, looks = desk.links.state, iter([True])

        def merge_after_the_first_look(customer_id: str) -> CustomerState | None:
            found = read(customer_id)
            if customer_id == post and next(looks, False):
                merge(desk, post, ann)
            return found

        with pytest.MonkeyPatch.context() as meanwhile:
            meanwhile.setattr(desk.links, "state", merge_after_the_first_look)
            assert proves(desk, "ann", channel="post", email=HOME) == STORED
        assert identities_of(desk, ann) == {ANN, ANNS_POST}
        assert log_of(desk, desk.conversation("ann").conversation_id).count("identity.linked") == 1

    def test_a_lost_race_leaves_it_to_the_next_message(self, desk: Desk) -> None:
        proves(desk, "ann", email=HOME)
        desk.write("ann", channel="post")
        desk.links.races = 1
        assert proves(desk, "ann", channel="post", email=HOME) == STORED
        assert identities_of(desk, customer_of(desk, "ann")) == {ANN, ANNS_POST}


class TestSomebodyWhoseAddressChanges:
    """The old address may be somebody else's tomorrow: companies give addresses on, and telephone companies numbers."""

    def test_the_new_one_finds_them_and_the_old_one_nobody(self, desk: Desk) -> None:
        proves(desk, "ann", email=HOME)
        proves(desk, "ann", email=WORK)
        proves(desk, "ann", channel="post", email=WORK)
        proves(desk, "bob", channel="post", email=HOME)
        assert identities_of(desk, customer_of(desk, "ann")) == {ANN, ANNS_POST}
        assert identities_of(desk, customer_of(desk, "bob", "post")) == {named("bob", "post")}

    def test_the_old_one_finds_whoever_proves_it_next(self, desk: Desk) -> None:
        proves(desk, "ann", email=HOME)
        proves(desk, "ann", email=WORK)
        proves(desk, "bob", channel="post", email=HOME)
        proves(desk, "bob", channel="lounge", email=HOME)
        bob = {named("bob", "post"), named("bob", "lounge")}
        assert identities_of(desk, customer_of(desk, "bob", "post")) == bob

    def test_the_old_one_is_not_suggested_to_be_theirs(self, desk: Desk) -> None:
        proves(desk, "ann", email=HOME)
        desk.write("bob", f"I am {HOME}", channel="post")
        bob = customer_of(desk, "bob", "post")
        assert [each.customer_id for each in suggested(desk, bob)] == [customer_of(desk, "ann")]
        proves(desk, "ann", email=WORK)
        assert suggested(desk, bob) == []

    def test_the_old_one_goes_on_finding_them_while_another_identity_of_theirs_proves_it(self, desk: Desk) -> None:
        proves(desk, "ann", email=HOME)
        proves(desk, "ann", channel="post", email=HOME)
        proves(desk, "ann", email=WORK)
        proves(desk, "ann", channel="lounge", email=HOME)
        assert identities_of(desk, customer_of(desk, "ann")) == {ANN, ANNS_POST, ANN_HERE}
        assert desk.store.handles["email", HOME] == ANNS_POST

    def test_what_they_go_on_proving_beside_it_goes_on_finding_them(self, desk: Desk) -> None:
        proves(desk, "ann", email=HOME, phone="+4915112345678")
        proves(desk, "ann", email=WORK)
        proves(desk, "ann", channel="post", phone="+4915112345678")
        assert identities_of(desk, customer_of(desk, "ann")) == {ANN, ANNS_POST}

    def test_the_old_one_is_given_up_as_well_when_the_new_one_is_somebody_elses(self, desk: Desk) -> None:
        proves(desk, "ben", email=WORK)
        proves(desk, "ann", email=HOME)
        desk.write("cid", channel="post")
        merge(desk, customer_of(desk, "cid", "post"), ann := customer_of(desk, "ann"))
        proves(desk, "ann", email=WORK)
        proves(desk, "bob", channel="lounge", email=HOME)
        assert customer_of(desk, "ann") == ann
        assert desk.store.handles == {("email", WORK): named("ben"), ("email", HOME): named("bob", "lounge")}

    def test_an_address_that_somebody_else_proved_first_stays_theirs(self, desk: Desk) -> None:
        proves(desk, "ann", email=HOME)
        desk.write("eve", channel="lounge")
        desk.write("cid", channel="post")
        merge(desk, customer_of(desk, "cid", "post"), customer_of(desk, "eve", "lounge"))
        proves(desk, "eve", channel="lounge", email=HOME)
        proves(desk, "eve", channel="lounge", email=WORK)
        assert desk.store.handles["email", HOME] == ANN

    def test_what_is_only_said_takes_the_place_of_nothing(self, desk: Desk) -> None:
        proves(desk, "ann", email=HOME)
        desk.write("ann", f"write to {WORK} from now on")
        proves(desk, "ann", channel="post", email=HOME)
        assert identities_of(desk, customer_of(desk, "ann")) == {ANN, ANNS_POST}


class TestWhatIsOnlySaid:
    @pytest.mark.parametrize(
        "text", [f"write to {HOME} please", f"<{HOME}>", "ANN@Home.Example.", f"mailto:{HOME}, thanks"]
    )
    def test_a_typed_address_is_a_suggestion_and_no_link(self, desk: Desk, text: str) -> None:
        proves(desk, "ann", email=HOME)
        writes_as(desk, Sender(external_id="eve", scope="main"), "lounge", text)
        eve = customer_of(desk, "eve", "lounge")
        assert eve != customer_of(desk, "ann")
        assert [(each.kind, each.value, each.customer_id, each.proven) for each in suggested(desk, eve)] == [
            ("email", HOME, customer_of(desk, "ann"), False)
        ]

    @pytest.mark.parametrize("unproven", [True, False])
    def test_what_a_channel_passes_on_unproven_is_a_suggestion_and_no_link(self, desk: Desk, unproven: bool) -> None:
        proves(desk, HOME, email=HOME)
        sender = Sender(external_id="unproven:" + HOME, scope="main", claims={"email": HOME}, unproven=unproven)
        writes_as(desk, sender)
        stranger = customer_of(desk, "unproven:" + HOME)
        assert identities_of(desk, customer_of(desk, HOME)) == {named(HOME)}
        assert [each.customer_id for each in suggested(desk, stranger)] == [customer_of(desk, HOME)]

    def test_a_contact_that_is_passed_on_is_a_suggestion_and_no_link(self, desk: Desk) -> None:
        proves(desk, "ann", email=HOME)
        proves(desk, "bob", phone="+4915112345678")
        message = text_message("eve", "1")
        message.parts = [ContactPart(name="Ann", emails=["Ann@home.example"], phones=["+49 151 12345678", "0151 1"])]
        desk.ingest(webhook(message, "lounge"))
        found = suggested(desk, customer_of(desk, "eve", "lounge"))
        assert {(each.kind, each.customer_id) for each in found} == {
            ("email", customer_of(desk, "ann")),
            ("phone", customer_of(desk, "bob")),
        }

    def test_what_is_said_before_it_is_proven_is_suggested_once_it_is(self, desk: Desk) -> None:
        desk.write("eve", f"I am {HOME}", channel="lounge")
        assert suggested(desk, customer_of(desk, "eve", "lounge")) == []
        proves(desk, "ann", email=HOME)
        assert len(suggested(desk, customer_of(desk, "eve", "lounge"))) == 1

    def test_ones_own_address_is_no_suggestion(self, desk: Desk) -> None:
        writes_as(desk, Sender(external_id="ann", scope="main", aliases={"email": HOME}), text=f"-- \n{HOME}")
        assert suggested(desk, customer_of(desk, "ann")) == []
        assert desk.links.noted == {}

    def test_the_same_thing_said_twice_is_kept_once_and_a_list_of_addresses_not_whole(self, desk: Desk) -> None:
        for _ in range(2):
            desk.write("eve", f"I am {HOME}")
        eve = customer_of(desk, "eve")
        assert desk.links.noted[eve] == [Claim("email", HOME, named("eve"), desk.clock())]
        desk.write("dan", " ".join(f"person-{number}@home.example" for number in range(50)))
        assert len(desk.links.noted[customer_of(desk, "dan")]) == 5

    def test_what_our_staff_writes_says_nothing_of_the_customer(self, desk: Desk) -> None:
        desk.write("eve")
        desk.write("eve", f"write to {HOME}", origin="echo")
        assert desk.links.noted == {}


class TestForms:
    @pytest.mark.parametrize(
        ("kind", "said", "compared"),
        [
            ("email", " Ann@Home.EXAMPLE ", HOME),
            ("phone", "+49 (151) 1234-5678", "+4915112345678"),
            ("phone", "0151 12345678", ""),
            ("phone", "+12345", ""),
            ("phone", "+1234567890123456", ""),
            ("phone", "4915112345678", ""),
            ("phone", "+49+151", ""),
            ("unionid", "oAbC", "oAbC"),
        ],
    )
    def test_what_is_compared_is_the_same_for_the_same_thing(self, kind: str, said: str, compared: str) -> None:
        assert normal(kind, said) == compared
