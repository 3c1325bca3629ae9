"""What happens in Zendesk when a ticket is made or changed, by the API or by an agent: its rules, and its triggers.

Sources: developer.zendesk.com/api-reference/ticketing/tickets/tickets; support.zendesk.com, "About ticket statuses" and
"Creating a follow-up for a closed ticket".
"""

from __future__ import annotations

from typing import Any

from infra.local.providers.zendesk.delivery import Webhooks
from infra.local.providers.zendesk.errors import invalid
from infra.local.providers.zendesk.service import Service
from infra.local.providers.zendesk.state import Audit, Comment, Ticket, TicketStatus, User
from infra.local.providers.zendesk.triggers import filled_in, set_off

LONGEST_BODY = 65_535
MOST_COMMENTS = 5_000


class Changes:
    def __init__(self, service: Service, webhooks: Webhooks) -> None:
        self._service = service
        self._webhooks = webhooks

    def comment(self, author: User, body: str, public: bool, tokens: list[str]) -> Comment:
        """A comment with what was uploaded for it. Raises ApiError(422)."""
        if not body.strip():
            raise invalid("comment", "Comment: cannot be blank")
        if len(body.encode()) > LONGEST_BODY:
            raise invalid("comment", "Comment: is too long")
        uploads = [self._service.uploaded(author.account, token) for token in tokens]
        if None in uploads:
            raise invalid("uploads", "Uploads: is invalid")
        for token in tokens:
            del self._service.state.uploads[token]
        files = [each for upload in uploads if upload is not None for each in upload.attachments]
        return Comment(
            id=self._service.state.next_id(),
            author_id=author.id,
            body=body,
            public=public,
            created_at=self._service.clock.now(),
            attachments=files,
        )

    def create(self, ticket: Ticket, comment: Comment, user: User, custom: dict[str, Any]) -> Audit:
        self._service.state.tickets[str(ticket.id)] = ticket
        ticket.created_at = self._service.clock.now()
        return self._changed(ticket, None, comment, user, custom)

    def change(
        self, ticket: Ticket, status: TicketStatus | None, comment: Comment | None, user: User, custom: dict[str, Any]
    ) -> Audit:
        """Raises ApiError(422). The API's comments leave the status as it is, whoever wrote them."""
        if ticket.status == "closed":
            raise invalid("status", "Status: closed prevents ticket update")
        if comment is not None and len(ticket.comments) >= MOST_COMMENTS:
            raise invalid("comment", "Comment: too many comments")
        before = ticket.status
        field = self._service.accounts[ticket.account].required_to_solve
        if status == "solved" and before != "solved" and field is not None:
            raise invalid("base", f"{field}: is required when solving a ticket")
        if status == "new" and before != "new":
            raise invalid("status", "Status: cannot be set to new")
        ticket.status = status or before
        return self._changed(ticket, before, comment, user, custom)

    def _changed(
        self, ticket: Ticket, before: TicketStatus | None, comment: Comment | None, user: User, custom: dict[str, Any]
    ) -> Audit:
        now = self._service.clock.now()
        ticket.updated_at = now
        if comment is not None:
            ticket.comments.append(comment)
        number = self._service.state.next_id()
        audit = Audit(id=number, author_id=user.id, created_at=now, custom=custom)
        audit.comment_id = None if comment is None else comment.id
        ticket.audits.append(audit)
        self._service.changed()
        for body in set_off(ticket, before, comment, user):
            self._webhooks.call(ticket.account, filled_in(body, self._service, ticket, user))
        return audit
