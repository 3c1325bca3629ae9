"""Who a visitor is, and whether their page may talk to us: opening a session, and proving one afterwards."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from shared.core.chat import tokens
from shared.core.chat.identity_tokens import SiteUser, verify_identity_token
from shared.core.chat.ports import SessionSecrets
from shared.core.chat.tokens import SESSION_SECONDS, Session
from shared.errors import Forbidden, NotFound, RequestError, Unauthorized, UnknownAccount, Unprocessable
from shared.http.origins import is_allowed, origin_patterns
from shared.model.identifiers import identity_id
from shared.ports.accounts import Account, Accounts, AccountSecrets
from shared.ports.clock import Clock

CHANNEL = "webchat"

_ACCOUNT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_VISITOR_BYTES = 16
"""128 random bits: 22 characters in base64url."""


@dataclass(frozen=True, slots=True)
class Sessions:
    """``now`` and the secrets come from outside; nothing is stored: a session is what its token says."""

    accounts: Accounts
    session_secrets: SessionSecrets
    now: Clock

    def open(
        self,
        account: str,
        identity_token: str | None = None,
        earlier: str | None = None,
        claims: Mapping[str, str] | None = None,
    ) -> Session:
        """A new session: of the user that the identity token proves, else of an anonymous visitor.

        ``earlier`` is a still valid token of an anonymous visitor, who stays the same and gets a later expiry; what
        they claimed then holds until they claim something else. A signed-in user gets no such extension: only the
        site can say that they are still logged in.

        Raises NotFound(``unknown_account``), Unprocessable(``identity_not_configured``) and what
        :func:`verify_identity_token` raises.
        """
        said = dict(claims or {})
        if identity_token is not None:
            user = self._site_user(account, identity_token)
            return self._session(account, f"user:{user.subject}", user, said)
        known = self._anonymous(account, earlier)
        if known is None:
            return self._session(account, f"visitor:{secrets.token_urlsafe(_VISITOR_BYTES)}", None, said)
        return self._session(account, known.external_id, None, {**known.claims, **said})

    def token(self, session: Session) -> str:
        return tokens.issue(session, self.session_secrets())

    def prove(self, token: str, account: str | None = None) -> Session:
        """The session of a token. Raises Unauthorized: ``bad_session``, ``session_expired``, ``wrong_account``."""
        return tokens.verify(token, self.session_secrets(), self.now(), account)

    def check_origin(self, account: str, origin: str | None) -> None:
        """Raises Forbidden(``origin_not_allowed``) unless the account's settings admit pages of this origin."""
        if not is_allowed(origin, origin_patterns(self._secrets(account).current)):
            raise Forbidden("origin_not_allowed", "pages of this origin may not use this account")

    def _session(self, account: str, external_id: str, user: SiteUser | None, claims: dict[str, str]) -> Session:
        issued_at = int(self.now())
        return Session(
            account=account,
            external_id=external_id,
            identity_id=identity_id(CHANNEL, account, external_id),
            verification="none" if user is None else "signed_token",
            name=None if user is None else user.name,
            email=None if user is None else user.email,
            claims=claims,
            issued_at=issued_at,
            expires_at=issued_at + SESSION_SECONDS,
        )

    def _anonymous(self, account: str, token: str | None) -> Session | None:
        if token is None:
            return None
        try:
            session = self.prove(token, account)
        except Unauthorized:
            return None
        return session if session.verification == "none" else None

    def _site_user(self, account: str, identity_token: str) -> SiteUser:
        now = self.now()
        refused: RequestError = Unprocessable("identity_not_configured", "this account has no identity_secret")
        for secret in self._identity_secrets(account):
            try:
                return verify_identity_token(identity_token, [secret], now, account)
            except Unauthorized as error:
                if error.code != "bad_identity_token":
                    raise
                refused = error
        raise refused

    def _identity_secrets(self, account: str) -> Iterator[str]:
        """The secret at hand, the one before it, then the one stored by now: the site may sign with a new secret before
        we have heard of it. An account whose owner has taken the secret away accepts no earlier one."""
        known = self._secrets(account)
        current = _identity_secret(known.current)
        if current is not None:
            yield current
            previous = _identity_secret(known.previous())
            if previous is not None and previous != current:
                yield previous
        fresh = _identity_secret(self.accounts.refresh(CHANNEL, account).current)
        if fresh is not None and fresh != current:
            yield fresh

    def _secrets(self, account: str) -> AccountSecrets:
        if not _ACCOUNT_NAME.fullmatch(account):
            raise NotFound("unknown_account", "there is no such chat account")
        try:
            return self.accounts.account(CHANNEL, account)
        except UnknownAccount:
            raise NotFound("unknown_account", "there is no such chat account") from None


def _identity_secret(settings: Account | None) -> str | None:
    secret = None if settings is None else settings.get("identity_secret")
    return secret if isinstance(secret, str) and secret else None
