"""What a company says of its people, read with care: who it is, by `sub`, and one address; nothing else is kept.

The library takes more on trust than OpenID Connect lets it: a `sub` that is none, an answer about somebody else than
the token, a verified that is written as text.
"""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.http import HttpRequest

LONGEST = 255
"""Characters of a `sub` (OpenID Connect Core §2)."""


class Company(OpenIDConnectProvider):
    """OpenID Connect, with the checks that the library leaves out."""

    def sociallogin_from_response(self, request: HttpRequest, response: Any) -> Any:
        """Read who signs in, of what the token and the answer to `userinfo` say.

        Raises:
            OAuth2Error: when they name nobody, or two people (OpenID Connect Core §5.3.2); a page says so.
        """
        said = [one for one in response.values() if one is not None]
        if not said or not all(isinstance(one, dict) for one in said):
            raise OAuth2Error("the company's answer is none")
        named = [one.get("sub") for one in said]
        if not all(isinstance(one, str) and 0 < len(one) <= LONGEST for one in named) or len(set(named)) > 1:
            raise OAuth2Error("the company's answer does not say who it is")
        if any(not isinstance(one.get("email", ""), str) for one in said):
            raise OAuth2Error("the address in the company's answer is none")
        return super().sociallogin_from_response(request, response)

    def extract_extra_data(self, data: Any) -> dict[str, Any]:
        """Keep nothing: names lie sealed in the ledger."""
        del data
        return {}

    def extract_email_addresses(self, data: Any) -> list[EmailAddress]:
        """Return the address; verified is `true` alone, for some companies write "false"."""
        found: list[EmailAddress] = super().extract_email_addresses(data)  # type: ignore[no-untyped-call]
        for one in found:
            one.verified = one.verified is True
        return found
