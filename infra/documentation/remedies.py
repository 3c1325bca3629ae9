"""What to do about each refusal of the HTTP interface, in both languages of the documentation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from infra.documentation.words import Language


@dataclass(frozen=True, slots=True)
class Remedy:
    """``problems`` are by status and code, as the contract has them."""

    english: str
    chinese: str
    problems: tuple[str, ...]


REMEDIES = (
    Remedy(
        "mend the request",
        "修正请求",
        (
            "400 bad_json",
            "400 bad_request_body",
            "400 too_deep",
            "400 bad_parameter",
            "400 bad_idempotency_key",
            "400 body_encoding",
            "400 bad_frame",
            "400 bad_client_id",
            "400 bad_identity_token",
            "405 method_not_allowed",
            "415 unsupported_media_type",
            "422 bad_parts",
            "422 bad_part",
            "422 unknown_part_type",
            "422 empty_message",
            "422 empty_text",
            "422 bad_author",
            "422 bad_degrade",
            "422 bad_fallback",
            "422 bad_unread_after",
            "422 bad_header",
            "422 bad_control",
            "422 bad_upload",
            "422 bad_claims",
            "422 bad_target",
            "422 bad_url",
            "422 bad_helpdesk",
            "422 bad_types",
            "422 bad_channels",
            "422 bad_since",
            "422 bad_replay",
            "422 bad_expire_previous_after",
            "422 same_customer",
        ),
    ),
    Remedy("list from the beginning, without a cursor", "不带游标，从头列出", ("400 bad_cursor",)),
    Remedy("have the visitor look at the code again", "请访客再核对一次关联码", ("400 bad_link_code",)),
    Remedy(
        "give a key that counts: `onethread key list`",
        "换用有效的密钥：`onethread key list`",
        ("401 missing_key", "401 bad_key"),
    ),
    Remedy(
        "open another session, and do it again",
        "打开新的访客会话，再试一次",
        ("401 bad_session", "401 session_expired", "401 wrong_account"),
    ),
    Remedy(
        "have your site sign another token, with the account's `identity_secret`",
        "由网站用账号的 `identity_secret` 重新签发令牌",
        ("401 bad_identity_token", "401 identity_token_expired"),
    ),
    Remedy("make a key with the scope that is missing", "生成一把具有所需权限的密钥", ("403 scope_missing",)),
    Remedy(
        "add the origin to the account's `allowed_origins`",
        "把来源加入账号的 `allowed_origins`",
        ("403 origin_not_allowed",),
    ),
    Remedy(
        "compare method and path with the routes on this page",
        "与本页的路由对照方法和路径",
        ("404 unknown_route", "404 not_found"),
    ),
    Remedy(
        "compare the address with what `onethread channel list` or `helpdesk list` shows",
        "与 `onethread channel list` 或 `helpdesk list` 显示的对照地址",
        (
            "404 unknown_account",
            "404 unknown_channel",
            "404 unknown_helpdesk",
            "404 not_a_webhook",
            "422 unknown_helpdesk",
            "422 unknown_account",
            "422 unknown_channel",
        ),
    ),
    Remedy(
        "compare the id; an id of another stack is unknown here",
        "核对编号；别的栈的编号在这里不存在",
        (
            "404 unknown_conversation",
            "404 unknown_customer",
            "404 unknown_subscription",
            "404 unknown_identity",
            "422 unknown_party",
        ),
    ),
    Remedy(
        "wait until the customer writes, or give `fallback`",
        "等客户写来，或给出 `fallback`",
        ("409 window_closed", "409 route_closed"),
    ),
    Remedy("write it shorter, or give `fallback`", "写短一些，或给出 `fallback`", ("409 window_exceeded",)),
    Remedy(
        "`PATCH` its `status` to `open`, then reply",
        "用 `PATCH` 把 `status` 改为 `open`，再回复",
        ("409 conversation_closed",),
    ),
    Remedy("wait until the customer writes", "等客户写来", ("409 no_route", "409 no_conversation")),
    Remedy(
        "`take` control if you may, or leave it to that party",
        "可以的话先 `take`，否则让那一方处理",
        ("409 not_controller", "409 controlled_by_another"),
    ),
    Remedy("write in the later conversation", "在更新的那个会话里写", ("409 another_conversation_open",)),
    Remedy("use the customer in `merged_into`", "改用 `merged_into` 中的客户", ("409 customer_merged",)),
    Remedy("take back a link first", "先撤销一次关联", ("409 too_many_identities", "409 link_superseded")),
    Remedy("nothing: there is no link to take back", "无需处理：没有可撤销的关联", ("409 not_linked",)),
    Remedy("delete one that is not used", "删除一个不再使用的", ("409 too_many_subscriptions",)),
    Remedy(
        "read the subscription, and skip what it shows", "读取订阅，跳过它所显示的那一个", ("409 not_failing_there",)
    ),
    Remedy(
        "send less at once; upload what is large as a file",
        "减少一次发送的内容；大的内容作为文件上传",
        (
            "413 payload_too_large",
            "413 frame_too_large",
            "422 too_many_parts",
            "422 text_too_long",
            "422 message_too_large",
            "422 bad_description",
            "422 bad_metadata",
        ),
    ),
    Remedy(
        "send a smaller file, or a link to it",
        "发送较小的文件，或改发链接",
        ("413 file_too_large", "422 bad_size"),
    ),
    Remedy(
        "send it as a part, or a type of file, that is taken here",
        "换成这里接受的部件或文件类型",
        ("422 unknown_part", "422 file_type_refused", "422 type_not_allowed"),
    ),
    Remedy("take one of the conversation's `routes`", "使用会话的 `routes` 之一", ("422 unknown_route",)),
    Remedy(
        "change the message, or send it with `degrade` `allow`",
        "修改消息，或以 `degrade` 为 `allow` 发送",
        ("422 would_degrade",),
    ),
    Remedy(
        "send something that the [channel](channels.md#parts) can show, or give `fallback`",
        "发送[渠道](channels.zh-CN.md#部件)能显示的内容，或给出 `fallback`",
        ("422 nothing_to_send",),
    ),
    Remedy("mend the customer's address, or take another route", "更正客户的地址，或换一条途径", ("422 bad_address",)),
    Remedy(
        "have a person answer (`author.type` `agent`)", "由人回复（`author.type` 为 `agent`）", ("422 loop_suspected",)
    ),
    Remedy(
        "upload the file, then send the id that you were given",
        "先上传文件，再使用得到的编号",
        ("422 unknown_media", "422 bad_media_id"),
    ),
    Remedy(
        "set the account's `identity_secret`, or leave the identity token out",
        "设置账号的 `identity_secret`，或不带身份令牌",
        ("422 identity_not_configured",),
    ),
    Remedy("give every request a key of its own", "每个请求使用各自的幂等键", ("422 idempotency_key_reused",)),
    Remedy("wait for `retry_after` seconds", "等待 `retry_after` 秒", ("429 too_many_codes",)),
    Remedy(
        "look into the logs ([runbook](runbook.md#logs))",
        "查看运行日志（[运维手册](runbook.zh-CN.md#运行日志)）",
        ("500 internal_error",),
    ),
    Remedy(
        "try again, after a second and then less and less often",
        "重试：先等一秒，再逐渐拉长间隔",
        ("503 busy", "503 unavailable"),
    ),
)


def remedies(language: Language) -> dict[str, str]:
    """What to do, by status and code."""
    return {
        problem: each.english if language == "en" else each.chinese for each in REMEDIES for problem in each.problems
    }
