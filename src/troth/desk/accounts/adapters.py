"""What allauth asks of us: strangers make no accounts, addresses come from one place, second factors lie sealed."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount
from django.http import HttpRequest

from troth.desk import here, reached, throttle
from troth.desk.accounts import company

PLACE = "second-factor"


class Account(DefaultAccountAdapter):
    """Accounts of staff: made by invitation alone."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse strangers."""
        del request
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return where a new password is chosen, for the mail."""
        return reached.base(self.request) + urlsplit(super().get_reset_password_from_key_url(key)).path

    def is_safe_url(self, url: Any) -> bool:
        """Tell whether somebody may be led on to an address; one that cannot be read is none."""
        try:
            return bool(super().is_safe_url(url))
        except ValueError:
            return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return whence a request comes; all that come from nowhere known count as one."""
        return throttle.address(request) or "0.0.0.0"  # noqa: S104 the address of nobody, not one to listen on

    def get_http_user_agent(self, request: HttpRequest) -> str:
        """Return a short name of a browser for the list of sessions."""
        return str(request.META.get("HTTP_USER_AGENT", ""))[:200]


class Company(DefaultSocialAccountAdapter):
    """Sign-in through a company: opens accounts that were invited, and makes none.

    An account belongs to whoever of the company opened it first: addresses are given to others, `sub` never is
    (OpenID Connect Core §5.7). A fresh invitation lets it be opened anew.
    """

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Refuse whoever was not invited."""
        del request, sociallogin
        return False

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Any:
        """Return the company, whose word is looked at."""
        found = super().get_provider(request, provider, client_id)
        return company.Company(request, app=found.app)

    def authenticate_by_email(self, sociallogin: Any) -> Any:
        """Find the account of a verified address, where nobody of the company has opened it yet."""
        found = super().authenticate_by_email(sociallogin)
        if found is None:
            return None
        opened = SocialAccount.objects.filter(user=found[0], provider=sociallogin.account.provider)
        return None if opened.exists() else found


class SecondFactor(DefaultMFAAdapter):
    """Second factors: their secrets lie sealed, as all else that a copy of the ledger must not tell."""

    def encrypt(self, text: str) -> str:
        """Seal a secret."""
        return base64.b64encode(here.ledger().sealing.seal(text.encode(), place=PLACE)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Open a secret.

        Raises:
            Damaged: when it was sealed with another key.
        """
        return here.ledger().sealing.open(base64.b64decode(encrypted_text), place=PLACE).decode()
