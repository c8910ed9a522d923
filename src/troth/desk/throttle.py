"""How often somebody may try something: counted in the ledger's database, so that all processes count together.

Who tries is kept as a keyed digest for the length of the window, and no longer. One statement counts and tells the
count, so that tries at the same instant are all counted.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import time

from django.conf import settings
from django.db import connection
from django.http import HttpRequest

TABLE = "troth_tries"
CREATE = f"""
CREATE TABLE IF NOT EXISTS {TABLE} (
  who varchar(64) NOT NULL PRIMARY KEY, tries integer NOT NULL, until bigint NOT NULL
)"""
COUNT = f"""
INSERT INTO {TABLE} (who, tries, until) VALUES (%s, 1, %s)
ON CONFLICT (who) DO UPDATE SET tries = {TABLE}.tries + 1
RETURNING tries"""
FORGET = f"DELETE FROM {TABLE} WHERE until < %s"
NETWORK = 64
"""Bits of an IPv6 address that stand for one connection (RFC 6177 gives every site at least a /64)."""


def allow(name: str, who: str, limit: int, per: int) -> bool:
    """Count a try, and tell whether it is within the limit.

    Args:
        name: What is tried, as `request.open`.
        who: Who tries: an address, an account, an identity. Only its keyed digest is kept.
        limit: Tries within a window that are allowed.
        per: Length of a window in seconds.

    Raises:
        django.db.Error: when the database is away; pages then say so.
    """
    now = int(time.time())
    window = now // per
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [_digest(f"{name}\0{window}\0{who}"), (window + 1) * per])
        (tries,) = cursor.fetchone()
        if tries == 1:
            cursor.execute(FORGET, [now])
    return bool(tries <= limit)


def wait(per: int) -> int:
    """Return the seconds until the window at hand ends."""
    return per - int(time.time()) % per


def address(request: HttpRequest) -> str:
    """Return whence a request comes: an IPv4 address, or the network of an IPv6 one; empty where it is not known.

    Behind a proxy (`TROTH_PROXY=yes`) it is the last address of X-Forwarded-For, which the proxy itself wrote.
    """
    found = str(request.META.get("REMOTE_ADDR", ""))
    if settings.TROTH_PROXIES:
        found = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip() or found
    try:
        given = ipaddress.ip_address(found)
    except ValueError:
        return ""
    if isinstance(given, ipaddress.IPv6Address):
        return str(given.ipv4_mapped or ipaddress.ip_network((given, NETWORK), strict=False))
    return str(given)


def _digest(text: str) -> str:
    key = hashlib.sha256(b"troth tries\0" + settings.SECRET_KEY.encode()).digest()
    return hmac.new(key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
