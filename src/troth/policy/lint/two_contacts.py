"""Privacy addresses on two domains for one controller: which of them is read?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.problems import Problem

_MAIL = re.compile(r"\b(?P<box>[\w.+-]{1,64})@(?P<domain>[\w-]{1,63}(?:\.[\w-]{1,63}){1,6})")
_PRIVACY = re.compile(r"privacy|dpo|dataprotection|data-protection|gdpr|datenschutz", re.IGNORECASE)


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding when contacts, or privacy addresses in the text, lie on several domains."""
    domains: dict[str, str] = {}
    for use, value in given.policy.organisation.contacts.items():
        match = _MAIL.search(value)
        if match:
            domains.setdefault(match["domain"].lower(), use)
    if len(domains) > 1:
        uses = ", ".join(f"`{use}`" for use in domains.values())
        say = Say(f"Contacts lie on {len(domains)} domains: {uses}.", "Say which is read, or use one domain.")
        last = list(domains.values())[-1]
        yield given.finding("two-contact-domains", ("organisation", "contacts", last), say, "contacts")
    seen: dict[str, int] = {}
    for sentence in given.sentences:
        for match in _MAIL.finditer(sentence.text):
            if _PRIVACY.search(match["box"]) and match["domain"].lower() not in seen:
                seen[match["domain"].lower()] = sentence.ordinal
                if len(seen) > 1:
                    say = Say(
                        "The text gives a second privacy mailbox on another domain.", "Say which is for what."
                    )
                    yield given.remark("two-contact-domains", sentence, say)
