"""Who sits at the desk: the account that is signed in, as the staff of the ledger, in its role.

`of` asks once per request. `needs` guards a view: whoever is not signed in is sent to sign in, whoever has no second
factor to set one up, whoever may not do the deed gets a page that says who may.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, cast

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from troth.desk import here, roles
from troth.desk.roles import Deed

View = Callable[..., HttpResponseBase]
KEPT = "_troth_seat"
SAFE = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Who is signed in."""

    name: str
    """As evidence and letters know them; give it as `by`."""
    staff: int
    role: str
    user: int

    def may(self, deed: Deed) -> bool:
        """Tell whether they may do something."""
        return roles.may(self.role, deed)

    @property
    def deeds(self) -> frozenset[str]:
        """Everything they may do, for templates: `{% if "decide" in seat.deeds %}`."""
        return roles.deeds(self.role)


def of(request: HttpRequest) -> Seat | None:
    """Return who is signed in; None for somebody without an account of staff.

    Raises:
        StoreError: when the ledger cannot be reached.
    """
    if not hasattr(request, KEPT):
        setattr(request, KEPT, _find(request))
    found: Seat | None = getattr(request, KEPT)
    return found


def sitting(request: HttpRequest) -> Seat:
    """Return who is signed in, in a view that `needs` guards."""
    found = of(request)
    assert found is not None, "a view without @needs asked who is signed in"
    return found


def needs(deed: Deed) -> Callable[[View], View]:
    """Guard a view: only staff whose role may do the deed get to it, signed in with a second factor."""

    def guarding(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *given: Any, **named: Any) -> HttpResponseBase:
            stopped = _stopped(request, deed)
            return stopped if stopped is not None else view(request, *given, **named)

        guarded.needs = deed  # type: ignore[attr-defined]  # a test looks for views without it
        return guarded

    return guarding


def _stopped(request: HttpRequest, deed: Deed) -> HttpResponse | None:
    seat = of(request)
    if seat is None:
        if request.user.is_authenticated:
            return _refused(request, deed, None)
        # What a form held is not sent again after signing in: the way back is the page, by GET.
        back = request.get_full_path() if request.method in SAFE else settings.LOGIN_REDIRECT_URL
        return redirect_to_login(back)
    if not is_mfa_enabled(cast(User, request.user)):
        return redirect("mfa_index")
    return None if seat.may(deed) else _refused(request, deed, seat)


def _refused(request: HttpRequest, deed: Deed, seat: Seat | None) -> HttpResponse:
    who = [roles.TITLES[role] for role in roles.who(deed)]
    said = {"who": who, "deed": roles.SAID[deed], "seat": seat, "title_of": seat and roles.title(seat.role)}
    return render(request, "desk/refused.html", said, status=403)


def _find(request: HttpRequest) -> Seat | None:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    ledger = here.ledger()
    account = ledger.accounts.of_user(int(user.pk))
    if account is None:
        return None
    name = ledger.staff.names(account.staff)[account.staff]
    return Seat(name=name, staff=account.staff, role=account.role, user=account.user)
