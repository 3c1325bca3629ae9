"""P3: verifying, parsing and normalising on one core, beside the library that one would take otherwise."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from bench import mail_parsing, slack_parsing, workload
from bench.report import Report, Table, Target
from shared.http.request import Request
from shared.model.envelope import Envelope, VerifiedEvent

ROUNDS = 9
ROUND_SECONDS = 0.12
OPENID = "oBenchmark-customer-0000001"

Work = Callable[[], object]


def measure(report_progress: Callable[[str], None], rounds: int = ROUNDS) -> Report:
    report_progress("P3: verify, parse, normalise")
    rates = _take_turns(
        {
            "wechat secure": _ours("main"),
            "wechatpy secure": _wechatpy_secure(),
            "wechat plain": _ours("plain"),
            "wechatpy plain": _wechatpy_plain(),
            "wechat secure + queue form": _through_the_queue(),
            "webchat frame": _webchat(),
            "json.loads of the frame": _json_alone(),
            **slack_parsing.works(),
            **mail_parsing.works(),
        },
        rounds,
    )
    ratios = {
        "wechat secure": rates["wechat secure"] / rates["wechatpy secure"],
        "wechat plain": rates["wechat plain"] / rates["wechatpy plain"],
        "webchat frame": rates["webchat frame"] / rates["json.loads of the frame"],
        slack_parsing.OURS: rates[slack_parsing.OURS] / rates[slack_parsing.BOLT],
        slack_parsing.BOLT: rates[slack_parsing.BOLT] / rates[slack_parsing.VERIFIER],
        mail_parsing.OURS: rates[mail_parsing.OURS] / rates[mail_parsing.DEFAULT],
    }
    rows = [[name, f"{rate:,.0f}", f"{ratios[name]:.2f}x" if name in ratios else ""] for name, rate in rates.items()]
    note = (
        f"Messages per second on one core, best of {rounds} rounds in turn; the ratio is to the line below. "
        "Ours ends with the event in the words of the schema; wechatpy's check_signature, decrypt and parse_message "
        "with an object of WeChat's words. The frame is checked twice: when it comes in, when it leaves the queue."
    )
    table = Table("P3  Verify + parse + normalise", ["what", "messages/s", "ratio"], rows, note)
    goal = Target("P3", "wechat secure, of wechatpy", ratios["wechat secure"], 2.3, "x", at_most=False)
    slack = Target("P3", "slack, of slack_bolt", ratios[slack_parsing.OURS], slack_parsing.GOAL, "x", at_most=False)
    mail = Target(
        "P3", "mail, of email.policy.default", ratios[mail_parsing.OURS], mail_parsing.GOAL, "x", at_most=False
    )
    return Report("parse", [table], [goal, slack, mail])


def _take_turns(works: dict[str, Work], rounds: int) -> dict[str, float]:
    best = dict.fromkeys(works, 0.0)
    for work in works.values():
        work()
    for _ in range(rounds):
        for name, work in works.items():
            best[name] = max(best[name], _rate(work))
    return best


def _rate(work: Work) -> float:
    """Calls per second of CPU, so that other processes count as little as they can."""
    count, began, step = 0, time.process_time(), 50
    while (elapsed := time.process_time() - began) < ROUND_SECONDS:
        for _ in range(step):
            work()
        count += step
    return count / elapsed


def _request(account: str) -> Request:
    return Request.from_http_api(workload.webhook_event(workload.push(OPENID, 1), account))


def _ours(account: str) -> Work:
    request = _request(account)
    settings = workload.ACCOUNTS[f"{workload.SECRETS_PREFIX}wechat/{account}"]

    def work() -> object:
        return [_events(account, verified) for verified in _verified(request, settings)]

    return work


def _through_the_queue() -> Work:
    from connectors.channels.wechat.connector import CONNECTOR

    request = _request("main")

    def work() -> object:
        for verified in _verified(request, workload.SECURE_ACCOUNT):
            text = Envelope("wechat", "main", time.time(), verified.body, verified.query, verified.headers).to_json()
            CONNECTOR.parse(Envelope.from_json(text))
        return None

    return work


def _verified(request: Request, settings: dict[str, Any]) -> list[VerifiedEvent]:
    from connectors.channels.wechat.ingress import INGRESS

    return INGRESS.verify(request, settings, time.time())


def _events(account: str, verified: VerifiedEvent) -> object:
    from connectors.channels.wechat.connector import CONNECTOR

    return CONNECTOR.parse(Envelope("wechat", account, time.time(), verified.body, verified.query, verified.headers))


def _wechatpy_secure() -> Work:
    from wechatpy import parse_message
    from wechatpy.crypto import WeChatCrypto
    from wechatpy.utils import check_signature

    request = _request("main")
    query = request.query
    crypto = WeChatCrypto(workload.TOKEN, workload.AES_KEY, workload.APP_ID)

    def work() -> object:
        check_signature(workload.TOKEN, query["signature"], query["timestamp"], query["nonce"])
        message = crypto.decrypt_message(request.body, query["msg_signature"], query["timestamp"], query["nonce"])
        return parse_message(message)

    return work


def _wechatpy_plain() -> Work:
    from wechatpy import parse_message
    from wechatpy.utils import check_signature

    request = _request("plain")
    query = request.query

    def work() -> object:
        check_signature(workload.TOKEN, query["signature"], query["timestamp"], query["nonce"])
        return parse_message(request.body)

    return work


def _webchat() -> Work:
    import msgspec

    from connectors.channels.webchat.connector import CONNECTOR
    from shared.core.chat.frames import read_frame

    raw = workload.frame(1)
    session = {"external_id": "visitor:benchmark", "identity_id": "idt_0", "verification": "none"}

    def work() -> object:
        body = msgspec.json.encode({"session": session, "frame": read_frame(raw)})
        return CONNECTOR.parse(Envelope("webchat", "main", time.time(), body))

    return work


def _json_alone() -> Work:
    raw = workload.frame(1)
    return lambda: json.loads(raw)
