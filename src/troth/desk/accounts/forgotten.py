"""Asking for a new password: who has an account is looked up after the answer has gone, and not before.

Else the time an answer takes would tell it: for an account there is a link to make and a mail to write.
"""

from __future__ import annotations

import contextvars
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ResetPasswordForm, default_token_generator
from allauth.account.internal.flows import password_reset
from allauth.account.internal.userkit import filter_users_by_email
from django.http import HttpRequest

from troth.desk.public import later


class Forgotten(ResetPasswordForm):
    """The form of an address for which a new password is wanted."""

    def clean_email(self) -> str:
        """Take any address."""
        return str(get_adapter().clean_email(self.cleaned_data["email"].lower()))

    def save(self, request: HttpRequest, **named: Any) -> str:
        """Have the mail written later, where the address has an account."""
        del named
        email, at_hand = str(self.cleaned_data["email"]), contextvars.copy_context()
        later.do(lambda: at_hand.run(_write, request, email))
        return email


def _write(request: HttpRequest, email: str) -> None:
    users = filter_users_by_email(email, is_active=True, prefer_verified=True, for_login=True)
    password_reset.request_password_reset(request, email, users, default_token_generator)
