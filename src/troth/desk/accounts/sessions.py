"""Sessions that have ended are forgotten, and with them from where and with what somebody was signed in."""

from __future__ import annotations

from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone


def forget_ended(sender: object, request: HttpRequest | None = None, **named: Any) -> None:
    """Remove what is left of ended sessions; done whenever somebody signs in."""
    del sender, named
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    own = request.session.session_key if request is not None else None
    stale = UserSession.objects.exclude(session_key__in=Session.objects.values("session_key"))
    stale.exclude(session_key=own or "").delete()
