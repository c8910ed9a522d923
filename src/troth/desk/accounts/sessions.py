"""Sessions that have ended are forgotten, and with them from where and with what somebody was signed in."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
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


def end_others(sender: object, request: HttpRequest, user: User, **named: Any) -> None:
    """End what was opened by the password alone elsewhere; done when somebody sets up their first second factor."""
    del sender, named
    factors = Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.RECOVERY_CODES)
    if factors.count() == 1:
        for session in UserSession.objects.filter(user=user).exclude(session_key=request.session.session_key):
            session.end()
