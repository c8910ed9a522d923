"""One signed call to another system: where it may go, how it is signed, what came back.

Signed as Standard Webhooks 1.0 has it. A name is resolved once and the connection goes to that very address, so that
none can point into our own network between looking and calling. Redirections are not followed.
"""

from __future__ import annotations

import base64
import hmac
import http.client
import ipaddress
import secrets
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from troth.problems import Problem

WRITTEN = "whsec_"
"""What the written form of a secret begins with."""
TIMEOUT = 10.0
WHOLE = 20.0
"""Seconds for a whole call, however slowly the other side speaks."""
WAITS = tuple(timedelta(seconds=s) for s in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000))
"""After the first attempt, the second, …; the last of them from then on."""
PATIENCE = timedelta(days=3)
LEASE = timedelta(minutes=5)
"""How long a call in somebody's hand is theirs."""
LONGEST = 500
GONE = 410
AGENT = "Troth-Webhooks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a call."""

    taken: bool
    says: str
    code: int | None = None


def new_secret() -> str:
    """Make a secret of 256 bits, in its written form."""
    return WRITTEN + base64.b64encode(secrets.token_bytes(32)).decode()


def signed(secret: str, message: str, at: datetime, body: bytes) -> dict[str, str]:
    """Return the headers that say which message it is, when it was sent, and that it is ours."""
    stamp = str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix(WRITTEN))
    made = hmac.digest(key, b".".join((message.encode(), stamp.encode(), body)), "sha256")
    return {
        "webhook-id": message,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(made).decode()}",
    }


def next_attempt(attempts: int, *, made: datetime, at: datetime) -> datetime | None:
    """Return when to try again after so many attempts; nothing once three days have passed."""
    after = at + WAITS[min(attempts, len(WAITS)) - 1]
    return after if after <= made + PATIENCE else None


def unusable(url: str, *, private: bool) -> Problem | None:
    """Say why a webhook cannot have an address; nothing where it can."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return _bad("is no address", "Write it as https://example.org/troth.")
    plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= LONGEST
    if not plain or not host or port == 0 or parts.fragment or "@" in parts.netloc:
        return _bad("is no address", "Write it as https://example.org/troth: no name and password in it.")
    local = _local(host)
    if local and _is_cloud(host):
        return _bad("belongs to the network itself", "Name a system of somebody's.")
    if parts.scheme != "https" and not (parts.scheme == "http" and local and private):
        return _bad("is not https", "What is told goes encrypted; only this machine itself may be http.")
    if local and not private:
        return _bad(
            "stands in a private network", "Say --private where one of your own systems is meant there."
        )
    return None


def call(url: str, headers: Mapping[str, str], body: bytes, *, private: bool) -> Answer:
    """Post a body to an address, and say what was answered."""
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    host, port = parts.hostname or "", parts.port or (443 if secure else 80)
    try:
        found = _resolved(host, port)
    except (OSError, UnicodeError):
        return Answer(taken=False, says="the name of the address is not known")
    if not private and not all(_public(one) for one in found):
        return Answer(taken=False, says="the address stands in a private network")
    if any(_cloud(one) for one in found):
        return Answer(taken=False, says="the address belongs to the network itself")
    line = _Pinned(found[0], host, port, secure=secure)
    deadline = threading.Timer(WHOLE, line.cut)
    deadline.daemon = True
    deadline.start()
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        line.request("POST", path, body, {"Content-Type": "application/json", "User-Agent": AGENT, **headers})
        code = line.getresponse().status
    except ssl.SSLError:
        return Answer(taken=False, says="its certificate was not accepted, or TLS failed")
    except (OSError, http.client.HTTPException):
        return Answer(taken=False, says="it did not answer in time")
    finally:
        deadline.cancel()
        line.close()
    return Answer(taken=200 <= code < 300, says=f"HTTP {code}", code=code)


class _Pinned(http.client.HTTPConnection):
    """A connection to an address that was looked at before; the name is only what the certificate must say."""

    def __init__(self, address: str, host: str, port: int, *, secure: bool) -> None:
        super().__init__(host, port, timeout=TIMEOUT)
        self._address, self._secure = address, secure

    def connect(self) -> None:
        self.sock = line = socket.create_connection((self._address, self.port), TIMEOUT)
        if self._secure:
            # The handshake comes once `cut` can reach the line: the other side may speak slowly from the start.
            over = ssl.create_default_context()
            self.sock = safe = over.wrap_socket(
                line, server_hostname=self.host, do_handshake_on_connect=False
            )
            safe.do_handshake()

    def cut(self) -> None:
        """End a call that takes too long; it fails where it is."""
        line = self.sock
        if line is not None:
            try:
                line.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # it is over


def _resolved(host: str, port: int) -> list[str]:
    return [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def _local(host: str) -> bool:
    """Tell whether a host is named as one that is not public."""
    try:
        return not _public(host)
    except ValueError:
        name = host.rstrip(".").casefold()
        return name == "localhost" or name.endswith((".localhost", ".local", ".internal")) or "." not in name


def _is_cloud(host: str) -> bool:
    try:
        return _cloud(host)
    except ValueError:
        return False


def _public(address: str) -> bool:
    """Tell whether an address is one anybody may reach; those that carry another one inside are not.

    Raises:
        ValueError: when it is no address.
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return _public(str(found.ipv4_mapped))
        if found.sixtofour or found.teredo:
            return False
    inside = any(found in one for one in _INSIDE)
    return found.is_global and not found.is_multicast and not inside and not _cloud(address)


def _cloud(address: str) -> bool:
    """Tell whether an address is link-local, or one where a cloud tells its machines their secrets.

    No system of anybody's stands there, so that `--private` does not open them.
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return found.is_link_local or found.is_multicast or str(found) in _CLOUDS


_INSIDE = tuple(
    ipaddress.ip_network(one)
    for one in (
        *("64:ff9b::/96", "64:ff9b:1::/48", "::/96", "::ffff:0:0:0/96"),
        *("fec0::/10", "3fff::/20", "5f00::/16", "192.0.0.0/24", "192.88.99.0/24"),
    )
)
"""NAT64 (RFC 6052 §2.1, RFC 8215), IPv4 inside IPv6 (RFC 4291 §2.5.5.1, RFC 2765 §2.1), site-local (RFC 3879),
documentation (RFC 9637), segments (RFC 9602), protocols (RFC 6890), relays (RFC 7526): none is a public server's."""
_CLOUDS = frozenset({"168.63.129.16", "192.0.0.192", "100.100.100.200", "fd00:ec2::254"})
"""Of Azure, Oracle, Alibaba and Amazon, besides 169.254.169.254, which is link-local."""


def _bad(what: str, hint: str) -> Problem:
    return Problem(code="bad-value", message=f"The address of the webhook {what}.", hint=hint)
