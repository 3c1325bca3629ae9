"""The API on who is who: link codes, merging and taking a link back, by helpdesks and by visitors themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from functions.bootstrap import store
from shared.core.linking.issuing import MOST_CODES
from shared.model import link_codes
from shared.model.identifiers import identity_id
from tests.unit.functions.http_events import Answer
from tests.unit.functions.stage import SHOP, Stage
from tests.unit.functions.wechat_api import WeChatApi

PAGE = "https://shop.example/help"


@dataclass(frozen=True)
class Follower:
    """A customer on wechat/plain who has written once."""

    sender: str
    customer: str
    conversation: str

    @property
    def identity(self) -> str:
        return identity_id("wechat", "plain", self.sender)


@pytest.fixture(scope="module", autouse=True)
def page(stage: Stage) -> None:
    """A web chat that says where its page is."""
    stage.account("webchat", "page", {"allowed_origins": [SHOP], "page_url": PAGE})


def a_follower(stage: Stage) -> Follower:
    sender = f"o-{uuid4().hex}"
    conversation = stage.says(sender)
    stored = store.people().identity(identity_id("wechat", "plain", sender))
    assert stored is not None
    return Follower(sender, stored.identity.customer_id, conversation)


@pytest.fixture
def ann(stage: Stage) -> Follower:
    return a_follower(stage)


@pytest.fixture
def bob(stage: Stage) -> Follower:
    return a_follower(stage)


def customer(stage: Stage, key: str, customer_id: str) -> dict[str, Any]:
    shown: dict[str, Any] = stage.api("GET", f"/v1/customers/{customer_id}", key=key).json
    return shown


class TestLinkCodes:
    def test_a_code_comes_with_an_address_for_each_account_that_has_one(
        self, stage: Stage, writer: str, ann: Follower
    ) -> None:
        answer = stage.api("POST", f"/v1/customers/{ann.customer}/link-codes", key=writer)
        assert answer.status == 201
        code = link_codes.read_code(answer.json["code"])
        assert code is not None
        by_account = {(link["channel"], link["account"]): link for link in answer.json["links"]}
        assert set(by_account) == {("wechat", "plain"), ("wechat", "secure"), ("webchat", "page")}
        assert by_account["wechat", "plain"]["qr"] == f"http://weixin.qq.com/q/{link_codes.scene(code)}"
        assert set(answer.json["deep_links"]) == {"wechat", "webchat"}
        assert answer.json["deep_links"]["webchat"] == f"{PAGE}#onethread={answer.json['code']}"
        assert answer.json["expires_at"].endswith("Z")

    def test_a_code_may_be_for_one_channel(self, stage: Stage, writer: str, ann: Follower) -> None:
        wanted = {"channel": "wechat", "account": "plain"}
        answer = stage.api("POST", f"/v1/customers/{ann.customer}/link-codes", wanted, key=writer)
        assert [(link["channel"], link["account"]) for link in answer.json["links"]] == [("wechat", "plain")]

    def test_a_channel_that_fails_just_now_is_left_out(
        self, stage: Stage, writer: str, ann: Follower, wechat: WeChatApi
    ) -> None:
        wechat.answers = [{"errcode": -1, "errmsg": "system error"}] * 2
        answer = stage.api("POST", f"/v1/customers/{ann.customer}/link-codes", key=writer)
        assert (answer.status, list(answer.json["deep_links"])) == (201, ["webchat"])
        assert wechat.answers == []

    def test_the_code_that_a_customer_sends_elsewhere_makes_them_one(
        self, stage: Stage, writer: str, ann: Follower, bob: Follower
    ) -> None:
        code = stage.api("POST", f"/v1/customers/{ann.customer}/link-codes", key=writer).json["code"]
        assert stage.says(bob.sender, code.lower()) == ann.conversation

        shown = customer(stage, writer, ann.customer)
        assert {each["id"] for each in shown["identities"]} == {ann.identity, bob.identity}
        [link] = shown["links"]
        assert (link["evidence"], link["from_customer_id"], link["identity_ids"]) == (
            "code",
            bob.customer,
            [bob.identity],
        )
        assert link["by"]["code_by_type"] == "agent"
        assert customer(stage, writer, bob.customer)["merged_into"] == ann.customer
        events = stage.api("GET", f"/v1/conversations/{ann.conversation}/events", key=writer).json["items"]
        assert [event["type"] for event in events][2:] == ["identity.linked", "conversation.channel_switched"]

    def test_after_so_many_codes_it_is_said_how_long_to_wait(self, stage: Stage, writer: str, ann: Follower) -> None:
        path, wanted = f"/v1/customers/{ann.customer}/link-codes", {"channel": "webchat"}
        for _ in range(MOST_CODES):
            assert stage.api("POST", path, wanted, key=writer).status == 201
        answer = stage.api("POST", path, wanted, key=writer)
        assert (answer.status, answer.code) == (429, "too_many_codes")
        assert 0 < answer.json["retry_after"] <= link_codes.SECONDS

    @pytest.mark.parametrize(
        ("who", "wanted", "status", "code"),
        [
            ("cus_nobody", {}, 404, "unknown_customer"),
            (None, {"channel": "pigeon"}, 422, "unknown_channel"),
            (None, {"channel": "wechat", "account": "third"}, 422, "unknown_channel"),
            (None, {"channel": 1}, 400, "bad_request_body"),
            (None, [], 400, "bad_request_body"),
        ],
    )
    def test_a_code_that_cannot_be_is_refused(
        self, stage: Stage, writer: str, ann: Follower, who: str | None, wanted: object, status: int, code: str
    ) -> None:
        answer = stage.api("POST", f"/v1/customers/{who or ann.customer}/link-codes", wanted, key=writer)
        assert (answer.status, answer.code) == (status, code)


class TestMerging:
    @pytest.mark.parametrize("dry_run", [True, False])
    def test_the_answer_says_what_moves_and_a_dry_run_moves_nothing(
        self, stage: Stage, writer: str, ann: Follower, bob: Follower, dry_run: bool
    ) -> None:
        wanted = {"into": ann.customer, "dry_run": dry_run}
        answer = stage.api("POST", f"/v1/customers/{bob.customer}/merge", wanted, key=writer)
        assert answer.status == 200
        said = answer.json
        link = said.pop("link")
        assert said == {
            "dry_run": dry_run,
            "conversation_id": ann.conversation,
            "closed_conversation_id": bob.conversation,
        }
        assert (link["customer_id"], link["from_customer_id"]) == (ann.customer, bob.customer)
        assert (link["evidence"], link["verification"], link["by"]["type"]) == ("agent", "agent", "agent")
        assert len(customer(stage, writer, ann.customer)["identities"]) == (1 if dry_run else 2)
        shown = stage.api("GET", f"/v1/conversations/{bob.conversation}", key=writer).json
        assert shown["status"] == ("open" if dry_run else "closed")

    def test_what_makes_no_sense_is_refused(self, stage: Stage, writer: str, ann: Follower, bob: Follower) -> None:
        def merging(source: str, wanted: object) -> tuple[int, str]:
            answer = stage.api("POST", f"/v1/customers/{source}/merge", wanted, key=writer)
            return answer.status, answer.code

        assert merging(ann.customer, {"into": ann.customer}) == (422, "same_customer")
        assert merging("cus_nobody", {"into": ann.customer}) == (404, "unknown_customer")
        assert merging(ann.customer, {"into": "cus_nobody"}) == (404, "unknown_customer")
        assert merging(ann.customer, {}) == (400, "bad_request_body")
        assert merging(ann.customer, {"into": bob.customer, "dry_run": "yes"}) == (400, "bad_request_body")
        stage.api("POST", f"/v1/customers/{bob.customer}/merge", {"into": ann.customer}, key=writer)
        assert merging(bob.customer, {"into": ann.customer}) == (409, "customer_merged")
        code = stage.api("POST", f"/v1/customers/{bob.customer}/link-codes", key=writer)
        assert (code.status, code.code, code.json["merged_into"]) == (409, "customer_merged", ann.customer)


class TestUnlinking:
    def unlinking(self, stage: Stage, key: str, who: str, identity: str, **query: str) -> Answer:
        return stage.api("DELETE", f"/v1/customers/{who}/identities/{identity}", key=key, query=query)

    def test_a_link_is_taken_back_after_a_look_at_what_that_does(
        self, stage: Stage, writer: str, ann: Follower, bob: Follower
    ) -> None:
        stage.api("POST", f"/v1/customers/{bob.customer}/merge", {"into": ann.customer}, key=writer)

        tried = self.unlinking(stage, writer, ann.customer, bob.identity, dry_run="true")
        assert (tried.status, tried.json["dry_run"]) == (200, True)
        assert len(customer(stage, writer, ann.customer)["identities"]) == 2

        done = self.unlinking(stage, writer, ann.customer, bob.identity)
        assert (done.status, done.json["dry_run"]) == (200, False)
        assert done.json["conversation_id"] == done.json["reopened_conversation_id"] == bob.conversation
        assert done.json["link"]["undone_by"]["type"] == "agent"
        [identity] = customer(stage, writer, ann.customer)["identities"]
        assert identity["id"] == ann.identity
        shown = customer(stage, writer, bob.customer)
        assert ([each["id"] for each in shown["identities"]], shown.get("merged_into")) == ([bob.identity], None)
        assert stage.says(bob.sender) == bob.conversation

    def test_what_makes_no_sense_is_refused(self, stage: Stage, writer: str, ann: Follower, bob: Follower) -> None:
        for who, identity, query, status, code in (
            (ann.customer, ann.identity, {}, 409, "not_linked"),
            (ann.customer, bob.identity, {}, 404, "unknown_identity"),
            ("cus_nobody", ann.identity, {}, 404, "unknown_customer"),
            (ann.customer, ann.identity, {"dry_run": "maybe"}, 400, "bad_parameter"),
        ):
            answer = self.unlinking(stage, writer, who, identity, **query)
            assert (answer.status, answer.code) == (status, code)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/customers/cus_1/link-codes"),
        ("POST", "/v1/customers/cus_1/merge"),
        ("DELETE", "/v1/customers/cus_1/identities/idn_1"),
    ],
)
def test_only_a_key_that_writes_changes_who_is_who(stage: Stage, reader: str, method: str, path: str) -> None:
    for key, status, code in ((None, 401, "missing_key"), (reader, 403, "scope_missing")):
        answer = stage.api(method, path, {"into": "cus_2"}, key=key)
        assert (answer.status, answer.code) == (status, code)


class TestVisitors:
    """Who is in the web chat asks for a code by their own session."""

    def asking(
        self, stage: Stage, token: str | None, *, account: str = "main", origin: str | None = SHOP, value: object = None
    ) -> Answer:
        headers = {} if origin is None else {"origin": origin}
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        return stage.api("POST", f"/chat/{account}/link-codes", value, headers=headers)

    def visiting(self, stage: Stage, *, writes: bool = True) -> tuple[str, str]:
        """The session's token and identity."""
        session = stage.chat("sessions", {}).json
        if writes:
            message = {"client_id": uuid4().hex, "parts": [{"type": "text", "text": "hello"}]}
            assert stage.chat("messages", message, session["token"]).status == 202
            stage.take_in()
        return session["token"], session["identity_id"]

    def test_a_visitor_goes_on_in_wechat(self, stage: Stage, writer: str) -> None:
        token, identity = self.visiting(stage)
        answer = self.asking(stage, token, value={"channel": "wechat"})
        assert answer.status == 201
        assert answer.headers["access-control-allow-origin"] == SHOP
        assert answer.headers["vary"] == "origin"
        assert list(answer.json["deep_links"]) == ["wechat"]
        stored = store.people().identity(identity)
        assert stored is not None
        assert stage.says(f"o-{uuid4().hex}", answer.json["code"]) == stored.conversation_id
        [link] = customer(stage, writer, stored.identity.customer_id)["links"]
        assert (link["by"]["code_by_type"], link["by"]["code_by_id"]) == ("customer", identity)

    def test_a_program_without_an_origin_is_served_without_cors_headers(self, stage: Stage) -> None:
        answer = self.asking(stage, self.visiting(stage)[0], origin=None)
        assert answer.status == 201
        assert "access-control-allow-origin" not in answer.headers

    def test_who_has_not_written_has_nothing_to_go_on_with(self, stage: Stage) -> None:
        answer = self.asking(stage, self.visiting(stage, writes=False)[0])
        assert (answer.status, answer.code) == (409, "no_conversation")
        assert answer.headers["access-control-allow-origin"] == SHOP

    @pytest.mark.parametrize("token", [None, "", "v1.forged.token", "ot_000000000000_key"])
    def test_nobody_gets_a_code_without_a_session(self, stage: Stage, token: str | None) -> None:
        answer = self.asking(stage, token)
        assert (answer.status, answer.code) == (401, "bad_session")

    def test_a_session_counts_for_its_own_account(self, stage: Stage) -> None:
        answer = self.asking(stage, self.visiting(stage)[0], account="page")
        assert (answer.status, answer.code) == (401, "wrong_account")

    def test_a_foreign_page_gets_nothing_and_cannot_read_why(self, stage: Stage) -> None:
        answer = self.asking(stage, self.visiting(stage)[0], origin="https://evil.example")
        assert (answer.status, answer.code) == (403, "origin_not_allowed")
        assert "access-control-allow-origin" not in answer.headers

    def test_a_chat_that_is_not_set_up_is_not_found(self, stage: Stage) -> None:
        answer = self.asking(stage, "token", account="nobody")
        assert (answer.status, answer.code) == (404, "unknown_account")

    def test_visitors_have_to_wait_as_well(self, stage: Stage) -> None:
        token, _ = self.visiting(stage)
        for _ in range(MOST_CODES):
            assert self.asking(stage, token, value={"channel": "webchat"}).status == 201
        answer = self.asking(stage, token, value={"channel": "webchat"})
        assert (answer.status, answer.code) == (429, "too_many_codes")
