"""Calls to the helpdesk: a template is filled, sent, and its answer understood."""

from __future__ import annotations

import base64
import json
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from connectors.helpdesks.generic.paths import same, value_at, word_at
from connectors.helpdesks.generic.placeholders import Values, fill, fill_tree
from shared.errors import DeliveryError
from shared.http.answers import garbled, retry_after

if TYPE_CHECKING:
    from connectors.helpdesks.generic.settings import Authentication, Look, Settings, Template
    from shared.ports.http import HttpClient, HttpResponse

PROVIDER = "the helpdesk"
CONTENT = "{file.content}"


class Caller:
    """Calls one helpdesk account."""

    def __init__(self, settings: Settings, http: HttpClient) -> None:
        self._base = settings.api_base.rstrip("/")
        self._headers = {"Accept": "application/json", **credentials(settings.authentication)}
        self._http = http

    def call(self, template: Template, values: Values, content: bytes | None = None) -> Any:
        """The JSON of the answer, None when it has none. Raises DeliveryError, classed."""
        body, kind = _body(template, values, content)
        headers = {name: _one_line(fill(text, values)) for name, text in template.headers.items()}
        if kind is not None:
            headers["Content-Type"] = kind
        return self._answer(self._request(template.method, template.path, values, headers, body))

    def make(self, template: Template, values: Values, content: bytes | None = None) -> str:
        """The id of what the call made. Raises DeliveryError, classed."""
        made = word_at(self.call(template, values, content), template.id)
        if made is None:
            # It was taken, and we do not know as what: the next try looks for it.
            raise garbled(PROVIDER)
        return made

    def find(self, look: Look, values: Values) -> Any:
        """What the look finds, None when it is not there. Raises DeliveryError, classed."""
        answer = self._answer(self._request(look.method, look.path, values, {}, None))
        items = answer if look.items is None else value_at(answer, look.items)
        wanted = {path: _wanted(each, values) for path, each in look.where.items()}
        for item in items if isinstance(items, list) else [items]:
            if all(_matches(value_at(item, path), each) for path, each in wanted.items()):
                return item
        return None

    def fetch(self, url: str, maximum_bytes: int) -> HttpResponse:
        """A file of the helpdesk. Its credentials go to no other place: raises DeliveryError (permanent) for one."""
        if url.startswith("/"):
            url = origin(self._base) + url
        if origin(url) != origin(self._base):
            raise DeliveryError("permanent", "foreign_address", "the file is not at the helpdesk's own address")
        answer = self._http.request("GET", url, headers=self._headers, maximum_bytes=maximum_bytes, timeout=20.0)
        check(answer)
        return answer

    def _request(
        self, method: str, path: str, values: Values, headers: dict[str, str], body: bytes | None
    ) -> HttpResponse:
        url = self._base + fill(path, values, _url_escaped)
        return self._http.request(method, url, headers={**self._headers, **headers}, body=body, timeout=20.0)

    def _answer(self, answer: HttpResponse) -> Any:
        check(answer)
        if not answer.body.strip():
            return None
        try:
            return json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise garbled(PROVIDER) from error


def check(answer: HttpResponse) -> None:
    """Raises DeliveryError, classed, unless the status says that it was done."""
    status, title = answer.status, f"{PROVIDER} answered HTTP {answer.status}"
    if 200 <= status < 300:
        return
    if status == 429:
        raise DeliveryError("retry", "rate_limited", "Too many calls", retry_after(answer))
    if status >= 500 or status in (408, 409, 425):
        raise DeliveryError("retry", "provider_error", title, retry_after(answer))
    if status in (401, 403):
        raise DeliveryError("account", "credentials_refused", title)
    raise DeliveryError("permanent", "not_found" if status in (404, 410) else "provider_refused", title)


def credentials(authentication: Authentication | None) -> dict[str, str]:
    """The headers that say who we are."""
    if authentication is None:
        return {}
    if authentication.type == "basic":
        pair = f"{authentication.username}:{authentication.password}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
    if authentication.type == "bearer":
        return {"Authorization": f"Bearer {authentication.token}"}
    return {authentication.header or "Authorization": authentication.token or ""}


def origin(url: str) -> str:
    """Scheme and authority of an address."""
    scheme, _, rest = url.partition("://")
    return f"{scheme.lower()}://{rest.partition('/')[0].partition('?')[0].lower()}"


def _url_escaped(text: str) -> str:
    return quote(text, safe="")


def _one_line(text: str) -> str:
    """A header's value: no line ends, and nothing that is not ASCII."""
    return "".join(character if " " <= character <= "~" else "?" for character in text)


def _wanted(value: Any, values: Values) -> Any:
    if isinstance(value, dict):
        return {"contains": fill(value["contains"], values)}
    return fill(value, values) if isinstance(value, str) else value


def _matches(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict):
        # Helpdesks change the line ends of what they are sent.
        return isinstance(value, str) and _lines(wanted["contains"]) in _lines(value)
    return same(value, wanted)


def _lines(text: str) -> str:
    return "\n".join(text.splitlines())


def _body(template: Template, values: Values, content: bytes | None) -> tuple[bytes | None, str | None]:
    """The bytes of a request's body and their content type."""
    if template.body is None:
        return None, None
    if template.encoding == "multipart":
        return _multipart(template.body, values, content or b"")
    if content is not None:
        values = {**values, "file.base64": base64.b64encode(content).decode()}
    filled = fill_tree(template.body, values)
    if template.encoding == "form":
        return urlencode({name: _field(value) for name, value in filled.items()}).encode(), (
            "application/x-www-form-urlencoded"
        )
    return json.dumps(filled, ensure_ascii=False).encode(), "application/json"


def _multipart(fields: dict[str, Any], values: Values, content: bytes) -> tuple[bytes, str]:
    """RFC 7578."""
    boundary = secrets.token_hex(16)
    pieces: list[bytes] = []
    for name, value in fields.items():
        disposition = f'Content-Disposition: form-data; name="{_quoted(name)}"'
        if value == CONTENT:
            filename, kind = _quoted(str(values["file.name"])), _one_line(str(values["file.type"]))
            head = f'{disposition}; filename="{filename}"\r\nContent-Type: {kind}'
            pieces.append(f"--{boundary}\r\n{head}\r\n\r\n".encode() + content + b"\r\n")
        else:
            text = _field(fill_tree(value, values))
            pieces.append(f"--{boundary}\r\n{disposition}\r\n\r\n{text}\r\n".encode())
    return b"".join(pieces) + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def _field(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _quoted(text: str) -> str:
    """As browsers write a file's name: a quote and line ends percent-encoded (WHATWG, "Multipart form data")."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
