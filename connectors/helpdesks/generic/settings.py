"""The account's settings: what they may hold, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import msgspec

from connectors.helpdesks.generic.paths import PathError, steps
from connectors.helpdesks.generic.placeholders import TemplateError, names, texts
from connectors.helpdesks.generic.values import FILE_VALUES, KNOWN_VALUES

if TYPE_CHECKING:
    from shared.ports.accounts import Account

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


class Strict(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A misspelt setting is refused, not ignored."""


class Look(Strict, kw_only=True):
    """A call that looks whether something is there: in the members at ``items`` (the whole answer without it), the
    first for which every path of ``where`` has its value: equal to the filled template, or one that contains it
    ({"contains": template}). ``id`` is a path in that member."""

    path: str
    method: Method = "GET"
    items: str | None = None
    where: dict[str, str | int | bool | dict[Literal["contains"], str]]
    id: str | None = None


class Template(Strict, kw_only=True):
    """One call. ``body`` is sent as ``encoding`` says; ``id`` is where the answer has the id of what was made;
    ``find`` looks for it after a call of which nobody knows what became."""

    path: str
    method: Method = "POST"
    headers: dict[str, str] = {}
    body: Any = None
    encoding: Literal["json", "form", "multipart"] = "json"
    id: str | None = None
    find: Look | None = None


class ConversationTemplate(Template, kw_only=True):
    """``carries_message``: the message that opens a ticket is told with it, and not once more."""

    carries_message: bool = False


class StatusTemplate(Template, kw_only=True):
    """``unless`` looks whether the ticket has that status already."""

    unless: Look | None = None


class Requests(Strict, kw_only=True):
    conversation: ConversationTemplate
    message: Template
    customer: Template | None = None
    close: StatusTemplate | None = None
    reopen: StatusTemplate | None = None
    file: Template | None = None
    note: Template | None = None
    check: Template | None = None


class Authentication(Strict, kw_only=True):
    """``bearer`` needs ``token``; ``basic`` ``username`` and ``password``; ``header`` ``header`` and ``token``."""

    type: Literal["bearer", "basic", "header"]
    token: str | None = None
    username: str | None = None
    password: str | None = None
    header: str | None = None


class Verification(Strict, kw_only=True):
    """How a webhook proves where it comes from: ``hmac`` over ``signed`` (names of headers, and ``body``) joined by
    dots, in ``header`` behind ``prefix``; ``bearer``, or ``basic`` with ``username``. ``timestamp`` is the header with
    the seconds at which it was signed."""

    type: Literal["hmac", "bearer", "basic"]
    secret: str
    header: str | None = None
    algorithm: Literal["sha256", "sha512", "sha1"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    prefix: str = ""
    signed: tuple[str, ...] = ("body",)
    timestamp: str | None = None
    username: str | None = None


class Files(Strict, kw_only=True):
    """``items`` is the path of a list; the others are paths in its members."""

    items: str
    url: str
    filename: str | None = None
    mime_type: str | None = None


class Webhook(Strict, kw_only=True):
    """Where a webhook says what happened; all but ``verification``, ``format`` and ``statuses`` are paths.

    ``public`` are the conditions under which a message is for the customer, ``changed`` those under which the status
    counts (a status that comes along with everything may be an old one), and ``ignore`` those under which a webhook is
    none of our business (any of them, each with all its paths).
    """

    verification: Verification
    ticket: str
    message: str | None = None
    text: str | None = None
    format: Literal["plain", "markdown", "html"] = "plain"
    author: str | None = None
    public: dict[str, Any] = {}
    changed: dict[str, Any] = {}
    ignore: list[dict[str, Any]] = []
    status: str | None = None
    statuses: dict[str, Literal["open", "pending", "closed"]] = {}
    files: Files | None = None


class Settings(Strict, kw_only=True):
    api_base: str
    requests: Requests
    webhook: Webhook
    authentication: Authentication | None = None


def read(account: Account) -> Settings:
    """The settings of an account that has been validated. Raises msgspec.ValidationError."""
    return msgspec.convert(dict(account), Settings)


def problems(account: Account) -> list[str]:
    """What is wrong with an account's settings, one sentence each, with where it is."""
    try:
        settings = read(account)
    except msgspec.ValidationError as error:
        return [f"{_where(str(error))}."]
    return [f"{sentence}." for sentence in _problems(settings)]


def _where(message: str) -> str:
    """msgspec writes ``what - at `$.requests.message```."""
    what, _, place = message.partition(" - at `")
    return f"{place.removesuffix('`').removeprefix('$.')}: {what}" if place else what


def _problems(settings: Settings) -> Iterator[str]:
    base = urlsplit(settings.api_base)
    if base.scheme not in ("http", "https") or not base.hostname or base.query or base.fragment:
        yield "api_base: it is the http(s) address that every path is appended to"
    for name in Requests.__struct_fields__:
        template = getattr(settings.requests, name)
        if template is not None:
            yield from _template_problems(f"requests.{name}", template, with_file=name == "file")
    for name in ("customer", "conversation", "message"):
        template = getattr(settings.requests, name)
        if template is not None and template.id is None:
            yield f"requests.{name}.id: the path of the id in the answer is missing"
    yield from _authentication_problems(settings.authentication)
    yield from _webhook_problems(settings.webhook)


def _template_problems(place: str, template: Template, *, with_file: bool) -> Iterator[str]:
    known = KNOWN_VALUES | FILE_VALUES if with_file else KNOWN_VALUES
    written = [("path", template.path), *((f"headers.{name}", text) for name, text in template.headers.items())]
    written += [(f"body{where}", text) for where, text in texts(template.body)]
    looks = [("find", template.find), ("unless", getattr(template, "unless", None))]
    if not template.path.startswith("/"):
        yield f"{place}.path: it begins with a slash"
    if template.encoding != "json" and not (template.body is None or _is_flat(template.body)):
        yield f"{place}.body: a {template.encoding} body is an object of texts, numbers and truth values"
    for where, look in looks:
        if look is None:
            continue
        written += [(f"{where}.path", look.path)]
        written += [(f"{where}.where", text) for _, text in texts(look.where)]
        yield from _path_problems(f"{place}.{where}", [*look.where, look.items, look.id])
        if where == "find" and look.id is None:
            yield f"{place}.find.id: the path of the id is missing"
    yield from _path_problems(f"{place}.id", [template.id])
    for where, text in written:
        try:
            unknown = [name for name in names(text) if name not in known]
        except TemplateError as error:
            yield f"{place}.{where}: {error}"
            continue
        for name in unknown:
            yield f"{place}.{where}: there is no value named {{{name}}}"


def _is_flat(body: Any) -> bool:
    return isinstance(body, dict) and all(isinstance(value, str | int | float | bool) for value in body.values())


def _path_problems(place: str, paths: list[str | None]) -> Iterator[str]:
    for path in paths:
        try:
            steps("any" if path is None else path)
        except PathError as error:
            yield f"{place}: {error}"


def _authentication_problems(given: Authentication | None) -> Iterator[str]:
    needed = {"bearer": ("token",), "basic": ("username", "password"), "header": ("header", "token")}
    if given is not None:
        for name in needed[given.type]:
            if not getattr(given, name):
                yield f"authentication.{name}: {given.type} needs it"


def _webhook_problems(webhook: Webhook) -> Iterator[str]:
    proof = webhook.verification
    if len(proof.secret) < 16:
        yield "webhook.verification.secret: it has at least 16 characters"
    if proof.type == "hmac" and not proof.header:
        yield "webhook.verification.header: hmac needs the header that the signature is in"
    if proof.type == "hmac" and "body" not in proof.signed:
        yield "webhook.verification.signed: the signature has to cover the body"
    if proof.type == "basic" and not proof.username:
        yield "webhook.verification.username: basic needs it"
    if (webhook.text is None) != (webhook.message is None):
        yield "webhook: text and message are given both or neither"
    if webhook.text is None and webhook.status is None:
        yield "webhook: neither text nor status is given, so nothing can come of it"
    if webhook.status is not None and not webhook.statuses:
        yield "webhook.statuses: status needs it"
    paths = [webhook.ticket, webhook.message, webhook.text, webhook.author, webhook.status]
    paths += [*webhook.public, *webhook.changed]
    paths += [path for conditions in webhook.ignore for path in conditions]
    files = webhook.files
    paths += [] if files is None else [files.items, files.url, files.filename, files.mime_type]
    yield from _path_problems("webhook", paths)
