"""A connection to a mail server: TLS first, then who we are.

``deadline`` is on the monotonic clock: no answer is waited for beyond it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from connectors.channels.email.smtp.answers import refusal
from shared.errors import DeliveryError

if TYPE_CHECKING:
    import smtplib
    import ssl

    from connectors.channels.email.smtp.settings import Relay

CONNECTING = 10.0
WAITING = 20.0
"""Seconds for one answer, or for one block of a mail to be taken."""

_LEAVING = 2.0


@contextmanager
def session(relay: Relay, own_name: str, deadline: float) -> Iterator[smtplib.SMTP]:
    """A connection on which mail can be sent; ``own_name`` is the domain that we greet with.

    Raises DeliveryError, also for a connection that breaks inside: ``provider_unreachable`` (retry), ``tls_refused``
    (account: the server proves another name, or to nobody's trust), ``tls_not_offered``, ``login_not_offered``,
    ``login_refused`` (account), and what an answer means.
    """
    import smtplib

    try:
        with _connected(relay, own_name) as connection:
            _secure(connection, relay, deadline)
            _log_in(connection, relay, deadline)
            yield connection
    except smtplib.SMTPResponseException as error:
        raise refusal("greeting", error.smtp_code, _words(error)) from error
    except OSError as error:  # smtplib's own errors are among them
        raise DeliveryError("retry", "provider_unreachable", "No connection to the mail server") from error


def wait_until(connection: smtplib.SMTP, deadline: float) -> None:
    """Has the next wait end in time. Raises TimeoutError when there is no time left, and when the connection is
    closed."""
    left = deadline - time.monotonic()
    if left <= 0.0 or connection.sock is None:
        raise TimeoutError("the mail server is too slow")
    connection.sock.settimeout(min(WAITING, left))


@contextmanager
def _connected(relay: Relay, own_name: str) -> Iterator[smtplib.SMTP]:
    """Says goodbye at the end when all went well; what came of the mail is known by then, so nobody waits for long."""
    import smtplib

    if relay.security == "tls":
        with _trust():
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                relay.host, relay.port, own_name, timeout=CONNECTING, context=_tls(relay)
            )
    else:
        connection = smtplib.SMTP(relay.host, relay.port, own_name, timeout=CONNECTING)
    try:
        yield connection
        with suppress(OSError):
            wait_until(connection, time.monotonic() + _LEAVING)
            connection.quit()
    finally:
        connection.close()


def _secure(connection: smtplib.SMTP, relay: Relay, deadline: float) -> None:
    if relay.security == "tls":
        return
    wait_until(connection, deadline)
    connection.ehlo_or_helo_if_needed()
    if not connection.has_extn("starttls"):
        raise DeliveryError("account", "tls_not_offered", "The mail server offers no STARTTLS")
    wait_until(connection, deadline)
    with _trust():
        connection.starttls(context=_tls(relay))


def _log_in(connection: smtplib.SMTP, relay: Relay, deadline: float) -> None:
    import smtplib

    wait_until(connection, deadline)
    connection.ehlo_or_helo_if_needed()
    if not relay.username:
        return
    wait_until(connection, deadline)
    try:
        connection.login(relay.username, relay.password)
    except smtplib.SMTPResponseException as error:
        raise refusal("login", error.smtp_code, _words(error)) from error
    except smtplib.SMTPServerDisconnected:
        raise
    except smtplib.SMTPException as error:
        raise DeliveryError("account", "login_not_offered", "The mail server offers no login that is known") from error


def _tls(relay: Relay) -> ssl.SSLContext:
    import ssl

    return ssl.create_default_context(cadata=relay.authority)


@contextmanager
def _trust() -> Iterator[None]:
    """A connection that breaks while TLS is begun may hold the next time; a certificate does not get better."""
    import ssl

    try:
        yield
    except ssl.SSLEOFError:
        raise
    except ssl.SSLError as error:
        title = "The mail server's certificate is not trusted, or it does not speak TLS there"
        raise DeliveryError("account", "tls_refused", title) from error


def _words(error: smtplib.SMTPResponseException) -> bytes:
    words = error.smtp_error
    return words if isinstance(words, bytes) else words.encode("ascii", "replace")
