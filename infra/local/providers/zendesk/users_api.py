"""Zendesk's users: ``/users``, their addresses, and what it takes to merge and to delete them.

Sources: developer.zendesk.com/api-reference/ticketing/users/users and .../user_identities.
"""

from __future__ import annotations

import re

from aiohttp import web

from infra.local.providers.control import answer
from infra.local.providers.zendesk.access import caller_of
from infra.local.providers.zendesk.errors import forbidden, invalid, not_found
from infra.local.providers.zendesk.parameters import given
from infra.local.providers.zendesk.payloads import user_object
from infra.local.providers.zendesk.service import Service
from infra.local.providers.zendesk.state import User

FIELDS = "name email external_id verified skip_verify_email"

_QUERY = re.compile(r'email:"([^"]+)"')
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


class UsersApi:
    def __init__(self, service: Service) -> None:
        self._service = service

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/users/me.json", self.me),
            web.get("/users/search.json", self.search),
            web.post("/users/create_or_update.json", self.create_or_update),
            web.put("/users/{user}.json", self.update),
            web.post("/users/{user}/identities.json", self.add_address),
            web.put("/users/{user}/merge.json", self.merge),
            web.delete("/users/{user}.json", self.delete),
            web.delete("/deleted_users/{user}.json", self.delete_for_good),
        ]

    async def me(self, request: web.Request) -> web.Response:
        return answer({"user": user_object(self._service, caller_of(request).user)})

    async def search(self, request: web.Request) -> web.Response:
        """Words are looked for in all that a user has; this finds a little more than it is asked for, too."""
        match = _QUERY.fullmatch(request.query.get("query", ""))
        wanted = match[1].casefold() if match else ""
        people = self._service.users_of(caller_of(request).account)
        found = [each for each in people if wanted and any(wanted in email.casefold() for email in each.emails)]
        return answer({"users": [user_object(self._service, each) for each in found], "count": len(found)})

    async def create_or_update(self, request: web.Request) -> web.Response:
        """By the external id, whose case does not matter, or the address."""
        account, fields = caller_of(request).account, await given(request, "user", FIELDS)
        external, email = fields.text("external_id"), fields.text("email")
        people = self._service.users_of(account)
        same = [each for each in people if external and (each.external_id or "").lower() == external.lower()]
        if not same and email is not None and (owner := self._service.user_with(account, email)) is not None:
            same = [owner]
        user = same[0] if same else User(id=0, account=account, name="")
        name = fields.text("name")
        if not name and not user.name:
            raise invalid("name", "Name: cannot be blank")
        user.name, user.external_id = name or user.name, external or user.external_id
        if email is not None:
            self._give(user, email)
        if not same:
            user.id = self._service.state.next_id()
            self._service.state.users[str(user.id)] = user
        self._service.changed()
        return answer({"user": user_object(self._service, user)}, 200 if same else 201)

    async def update(self, request: web.Request) -> web.Response:
        user, fields = self._named(request), await given(request, "user", "name external_id")
        external = fields.text("external_id")
        others = [each for each in self._service.users_of(user.account) if each.id != user.id]
        if external is not None and any((each.external_id or "").lower() == external.lower() for each in others):
            raise invalid("external_id", f"External: {external} is already being used by another user")
        user.name, user.external_id = fields.text("name") or user.name, external or user.external_id
        self._service.changed()
        return answer({"user": user_object(self._service, user)})

    async def add_address(self, request: web.Request) -> web.Response:
        user, fields = self._named(request), await given(request, "identity", "type value verified primary")
        value = fields.text("value") or ""
        if fields.text("type") != "email":
            raise invalid("type", "Type: is not supported")
        self._give(user, value)
        self._service.changed()
        number = self._service.state.next_id()
        shown = {"id": number, "user_id": user.id, "type": "email", "value": value, "verified": True}
        return answer({"identity": shown}, 201)

    async def merge(self, request: web.Request) -> web.Response:
        """The user of the address becomes a part of the one in the body, with all tickets. Only end users."""
        user, fields = self._named(request), await given(request, "user", "id")
        target = self._service.user(user.account, str(fields.number("id")))
        if user.role != "end-user" or target.role != "end-user" or user.id == target.id:
            raise invalid("base", "Users cannot be merged")
        for ticket in self._service.tickets_of(user):
            ticket.requester_id = target.id
            for comment in ticket.comments:
                comment.author_id = target.id if comment.author_id == user.id else comment.author_id
        target.emails += [each for each in user.emails if each not in target.emails]
        user.deleted, user.emails, user.external_id = True, [], None
        self._service.changed()
        return answer({"user": user_object(self._service, target)})

    async def delete(self, request: web.Request) -> web.Response:
        user = self._named(request)
        if caller_of(request).user.role != "admin":
            raise forbidden()
        if any(each.status != "closed" for each in self._service.tickets_of(user)):
            raise invalid("base", f"{user.name} is requester on tickets that are not closed")
        user.deleted, user.emails, user.external_id = True, [], None
        self._service.changed()
        return answer({"user": user_object(self._service, user)})

    async def delete_for_good(self, request: web.Request) -> web.Response:
        user = self._service.state.users.get(request.match_info["user"])
        if user is None or not user.deleted:
            raise not_found()
        user.name = "Permanently deleted user"
        self._service.changed()
        return answer({"deleted_user": user_object(self._service, user)})

    def _give(self, user: User, email: str) -> None:
        """Raises ApiError(422)."""
        if not _EMAIL.fullmatch(email):
            raise invalid("value", f"Email: {email} is not properly formatted")
        if self._service.user_with(user.account, email) is not None:
            raise invalid("value", f"Email: {email} is already being used by another user")
        user.emails.append(email)

    def _named(self, request: web.Request) -> User:
        return self._service.user(caller_of(request).account, request.match_info["user"])
