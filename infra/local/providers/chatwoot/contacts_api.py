"""Chatwoot's contacts: ``/contacts``.

Sources: developers.chatwoot.com/api-reference, "Contacts"; app/controllers/api/v1/accounts/contacts_controller.rb,
app/models/contact.rb and config/initializers/rack_attack.rb of github.com/chatwoot/chatwoot.
"""

from __future__ import annotations

import re
from typing import Any

from aiohttp import web

from infra.local.providers.chatwoot.access import Caller, caller_of
from infra.local.providers.chatwoot.errors import invalid, not_authorized, throttled, unprocessable
from infra.local.providers.chatwoot.parameters import given
from infra.local.providers.chatwoot.payloads import contact_object, conversation_object
from infra.local.providers.chatwoot.service import Service
from infra.local.providers.chatwoot.state import Contact
from infra.local.providers.control import answer

FIELDS = "name email phone_number identifier blocked avatar_url additional_attributes custom_attributes"
SEARCHES_A_MINUTE = 100
RESULTS = 15
CONVERSATIONS = 20

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_PHONE = re.compile(r"\+[1-9]\d{1,14}")
_LONGEST = 255


class ContactsApi:
    def __init__(self, service: Service) -> None:
        self._service = service
        self._searches: list[float] = []

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/contacts", self.create),
            web.get("/contacts/search", self.search),
            web.get("/contacts/{contact}", self.show),
            web.put("/contacts/{contact}", self.update),
            web.delete("/contacts/{contact}", self.delete),
            web.get("/contacts/{contact}/conversations", self.conversations),
        ]

    async def create(self, request: web.Request) -> web.Response:
        caller = caller_of(request)
        fields = await given(request, f"{FIELDS} inbox_id source_id")
        contact = Contact(id=0, account=caller.name, created_at=self._service.clock.now())
        _assign(contact, fields.values)
        self._validate(contact)
        contact.id = self._service.state.next_id()
        self._service.state.contacts[str(contact.id)] = contact
        self._service.changed()
        shown = {**contact_object(contact), "contact_inboxes": []}
        return answer({"payload": {"contact": shown, "contact_inbox": {"inbox": None, "source_id": None}}})

    async def search(self, request: web.Request) -> web.Response:
        caller, wanted = caller_of(request), request.query.get("q", "").strip().lower()
        if not wanted:
            raise unprocessable("Specify search string with parameter q")
        now = self._service.clock.now()
        self._searches = [at for at in self._searches if now - at < 60]
        if len(self._searches) >= SEARCHES_A_MINUTE:
            raise throttled()
        self._searches.append(now)
        found = [
            each
            for each in self._service.state.contacts.values()
            if each.account == caller.name
            and any(
                wanted in (value or "").lower() for value in (each.name, each.email, each.phone_number, each.identifier)
            )
        ]
        shown = [contact_object(each) for each in found[:RESULTS]]
        return answer({"meta": {"count": len(shown), "current_page": 1}, "payload": shown})

    async def show(self, request: web.Request) -> web.Response:
        return answer({"payload": contact_object(self._named(request))})

    async def update(self, request: web.Request) -> web.Response:
        contact, fields = self._named(request), await given(request, FIELDS)
        draft = Contact(**{name: getattr(contact, name) for name in contact.__struct_fields__})
        _assign(draft, fields.values)
        self._validate(draft)
        self._service.state.contacts[str(contact.id)] = draft
        self._service.changed()
        return answer({"payload": contact_object(draft)})

    async def delete(self, request: web.Request) -> web.Response:
        contact = self._named(request)
        if not caller_of(request).settings.administrator:
            raise not_authorized()
        self._service.delete_contact(contact)
        return web.Response()

    async def conversations(self, request: web.Request) -> web.Response:
        found = self._service.conversations_of(self._named(request))[:CONVERSATIONS]
        return answer({"payload": [conversation_object(self._service, each) for each in found]})

    def _named(self, request: web.Request) -> Contact:
        caller: Caller = caller_of(request)
        return self._service.contact(caller.name, request.match_info["contact"])

    def _validate(self, contact: Contact) -> None:
        """Raises ApiError(422)."""
        problems: dict[str, str] = {}
        if len(contact.name) > _LONGEST:
            problems["name"] = "is too long (maximum is 255 characters)"
        if contact.email is not None and not _EMAIL.fullmatch(contact.email):
            problems["email"] = "Invalid email"
        if contact.phone_number is not None and not _PHONE.fullmatch(contact.phone_number):
            problems["phone_number"] = "should be in e164 format"
        for each in self._service.state.contacts.values():
            if each.id == contact.id or each.account != contact.account:
                continue
            for name in ("identifier", "email", "phone_number"):
                value = getattr(contact, name)
                if value is not None and value == getattr(each, name):
                    problems[name] = "has already been taken"
        if problems:
            raise invalid(**problems)


def _assign(contact: Contact, values: dict[str, Any]) -> None:
    """Raises ApiError(422) for what is no text."""
    for name in ("name", "email", "phone_number", "identifier"):
        if name in values:
            value = values[name]
            if not isinstance(value, str):
                raise unprocessable(f"{name} must be a string")
            setattr(contact, name, value.lower() if name == "email" else value)
    contact.custom_attributes = {**contact.custom_attributes, **values.get("custom_attributes", {})}
