"""Which addresses may be called: an http(s) address taken apart, and the line between public and everything else.

Pure: nothing here resolves or connects. There are two readers. A provider's API is the deployer's own word, so
:func:`provider_target` asks only that the address can be understood. Addresses out of messages, media and
subscriptions are a stranger's word, so :func:`guarded_target` refuses whatever could be read in two ways, and
:func:`is_public` is asked about every address that the name resolves to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import quote, urlsplit

from shared.errors import DeliveryError

DEFAULT_PORTS: Final = {"http": 80, "https": 443}

PRIVATE_NAMES: Final = ("localhost", "local", "internal", "home.arpa", "onion", "invalid")
"""Names that never lead to the public internet, with all names under them: RFC 6761, 6762, 8375, 7686, and ICANN's
``internal``."""

REFUSED_IPV4: Final = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT; Alibaba Cloud's metadata is in here
        "127.0.0.0/8",  # loopback; a Lambda function's Runtime API is in here
        "168.63.129.16/32",  # Azure's host agent: a public number, answered by the host
        "169.254.0.0/16",  # link-local; the metadata and credential services of AWS are in here
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # IETF protocol assignments; Oracle Cloud's metadata is in here
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
"""https://www.iana.org/assignments/iana-ipv4-special-registry, with the addresses that clouds answer themselves."""

GLOBAL_IPV6: Final = IPv6Network("2000::/3")
"""All that IANA has handed out as global unicast. Outside of it lie loopback, IPv4-mapped (::ffff:0:0/96), NAT64
(64:ff9b::/96 and 64:ff9b:1::/48), segment routing (5f00::/16), unique local (fc00::/7, with fd00:ec2::254, the
metadata service of AWS), link-local and multicast: https://www.iana.org/assignments/ipv6-address-space."""

REFUSED_IPV6: Final = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # IETF protocol assignments: Teredo, benchmarks, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: carries any IPv4 address inside
        "2620:4f:8000::/48",  # AS112: a sink for reverse look-ups of private addresses
        "3fff::/20",  # documentation
    )
)
"""What https://www.iana.org/assignments/iana-ipv6-special-registry keeps apart within global unicast."""

_AUTHORITY = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\[\]:@%]+)(?::(?P<port>[0-9]{1,5}))?")
_AMBIGUOUS = re.compile(r"[\x00-\x20\x7f\\]")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")
_PATH_CHARACTERS: Final = "!#$%&'()*+,-./:;=?@[]_~"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a connection leads. ``host`` is lower-case and without brackets."""

    scheme: str
    host: str
    port: int

    @property
    def host_header(self) -> str:
        """The value of the Host header: the port only when it is not the scheme's own, brackets around IPv6."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == DEFAULT_PORTS[self.scheme] else f"{name}:{self.port}"


@dataclass(frozen=True, slots=True)
class Target:
    """An address taken apart; ``path`` is what goes on the request line, query included and fragment dropped."""

    origin: Origin
    path: str


def refused(why: str) -> DeliveryError:
    """The error for an address that is not called. ``why`` never quotes the address: it may hold a token."""
    return DeliveryError("permanent", "address_refused", why)


def provider_target(url: str) -> Target:
    """An http or https address of a provider's API. Raises DeliveryError(permanent, ``address_refused``) when it is
    malformed."""
    if _AMBIGUOUS.search(url):
        raise refused("the address holds spaces, control characters or backslashes")
    try:
        parts = urlsplit(url)
        path = quote(parts.path or "/", safe=_PATH_CHARACTERS)
        query = "?" + quote(parts.query, safe=_PATH_CHARACTERS) if parts.query else ""
    except ValueError as error:
        raise refused("the address cannot be parsed") from error
    if parts.scheme not in DEFAULT_PORTS:
        raise refused("the address is not http or https")
    authority = _AUTHORITY.fullmatch(parts.netloc)
    if authority is None:
        raise refused("the address names no host, or credentials, or no sound port")
    port = int(authority["port"]) if authority["port"] else DEFAULT_PORTS[parts.scheme]
    if not 0 < port < 65536:
        raise refused("the address names no sound port")
    return Target(Origin(parts.scheme, authority["host"].strip("[]").lower(), port), path + query)


def guarded_target(url: str) -> Target:
    """An address that a stranger gave us: https, port 443, and a host that :func:`parse_host` takes.

    Raises DeliveryError(permanent, ``address_refused``). A name that passes still has to resolve to public addresses
    only.
    """
    target = provider_target(url)
    if target.origin.scheme != "https":
        raise refused("the address is not https")
    if target.origin.port != 443:
        raise refused("the address is not on port 443")
    host = parse_host(target.origin.host)
    if not isinstance(host, str) and not is_public(host):
        raise refused("the address is not public")
    return Target(Origin("https", str(host), 443), target.path)


def parse_host(host: str) -> str | IPv4Address | IPv6Address:
    """A host as a domain name (lower-case, no trailing dot) or as an IP address in its one canonical spelling.

    Raises DeliveryError(permanent, ``address_refused``) for IPv4 in decimal, octal, hexadecimal or short form, for
    IPv6 zones, for names that are not ASCII (international names are called in their ``xn--`` form), for names of one
    label and for private names. A name whose last label is a number is an IPv4 address to every browser
    (https://url.spec.whatwg.org/#ends-in-a-number-checker), so it is one here too.
    """
    lowered = host.lower()
    name = lowered.removesuffix(".")
    labels = name.split(".")
    if ":" in host or _NUMBER.fullmatch(labels[-1]):
        try:
            address = ip_address(lowered)
        except ValueError as error:
            raise refused("the address spells an IP address in an unusual way") from error
        if isinstance(address, IPv6Address) and address.scope_id is not None:
            raise refused("the address names a network zone")
        return address
    if len(name) > 253 or len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        raise refused("the address names no full domain name")
    if any(name == private or name.endswith("." + private) for private in PRIVATE_NAMES):
        raise refused("the address names a private host")
    return name


def is_public(address: str | IPv4Address | IPv6Address) -> bool:
    """Whether packets to this IP address leave for the public internet, and cannot be turned back by a translator on
    the way.

    IPv6 that carries IPv4 inside (mapped, NAT64, 6to4, Teredo) is never public here, whatever it carries. Text that
    is no IP address is not public.
    """
    if isinstance(address, str):
        try:
            address = ip_address(address)
        except ValueError:
            return False
    if isinstance(address, IPv4Address):
        return not any(address in network for network in REFUSED_IPV4)
    if address.scope_id is not None or address not in GLOBAL_IPV6:
        return False
    return not any(address in network for network in REFUSED_IPV6)
