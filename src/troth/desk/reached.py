"""Under which name links lead here that go out by mail: one of `TROTH_HOSTS`, whatever a request says of itself.

A request may name this machine, or a port nobody serves: a link made of that would lead its reader astray.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from troth.desk.settings import LOOPBACK, hosts_of


def base(request: HttpRequest) -> str:
    """Return scheme and name, without a slash at the end."""
    listed = hosts_of(settings.TROTH_ENVIRONMENT)
    known = [one for one in listed if not one.startswith(LOOPBACK)]
    said = request.get_host()
    return f"{request.scheme}://{known[0] if known and said not in known else said}"
