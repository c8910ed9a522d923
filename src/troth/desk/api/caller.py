"""Who calls: the key behind a bearer token (RFC 6750), what it may do, and how often.

A token that opens nothing gets one answer, whatever is wrong with it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import cast

from django.conf import settings
from django.http import HttpRequest
from ninja.security import HttpBearer

from troth.app.systems import keys as api_keys
from troth.desk import here, throttle
from troth.desk.api.problem import Stop
from troth.ledger.api_keys import KeyRecord

RATE = "TROTH_API_RATE"
"""Calls a minute that one key may make."""
USUAL = 600
MINUTE = 60
LOOPBACK = ("127.0.0.1", "::1", "")
_log = logging.getLogger("troth.desk.api")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A key at work."""

    key: KeyRecord
    plainly: bool
    """Its token came over the network unencrypted."""

    @property
    def name(self) -> str:
        """The name under which it does something."""
        return api_keys.acts_as(self.key)


class Bearer(HttpBearer):
    """Let whoever has a key with a scope do something; with no scope, whoever has a key."""

    openapi_description = "A key, as `troth apikey add` gives it."

    def __init__(self, scope: str = "") -> None:
        super().__init__()
        assert not scope or scope in api_keys.SCOPES
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:
        """Return who calls.

        Raises:
            Stop: when the key may not do this, or calls too often.
        """
        key = api_keys.caller(token.strip(), here.place())
        if key is None:
            return None
        if not throttle.allow("api", str(key.id), _rate(), MINUTE):
            raise Stop("too-many", f"At most {_rate()} calls a minute.", wait=throttle.wait(MINUTE))
        if self.scope and self.scope not in key.scopes:
            raise Stop("no-scope", f"It would need the scope {self.scope}.")
        plainly = not request.is_secure() and request.META.get("REMOTE_ADDR", "") not in LOOPBACK
        if plainly:
            _log.warning("the token of key %s came unencrypted", key.reference)
        return Caller(key=key, plainly=plainly)


def of(request: HttpRequest) -> Caller:
    """Return who calls, in a view behind `Bearer`."""
    return cast(Caller, request.auth)  # type: ignore[attr-defined] # set by ninja


def _rate() -> int:
    named = str(settings.TROTH_ENVIRONMENT.get(RATE, ""))
    return int(named) if named.isdecimal() and len(named) < 9 and int(named) else USUAL
