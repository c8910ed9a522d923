"""What a claimed law asks for and the policy does not say: rights, answer terms, a contact, a complaint route.

A short list until dated law packs carry it; each duty cites its article. A law this list does not know is told
as a finding too, so that a claim is never silently without effect.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from troth.policy.lint.given import Given, Say
from troth.problems import Problem, nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """What one law asks a policy to say."""

    rights: tuple[str, ...] = ()
    """Rights people must be told of; `a|b` means either name."""
    source: str = ""
    term: str = ""
    """How fast requests are answered by law, with its article."""
    consent: str = ""
    """Why some purpose must rest on consent, with its article."""


LAWS: dict[str, Law] = {
    "eu-gdpr": Law(
        rights=("access", "rectify|correct", "erase|delete", "restrict", "object", "portability", "complain"),
        source="GDPR Art. 13(2)(b) and (d)",
        term="1 month (GDPR Art. 12(3))",
    ),
    "uk-gdpr": Law(
        rights=("access", "rectify|correct", "erase|delete", "restrict", "object", "portability", "complain"),
        source="UK GDPR Art. 13(2)(b) and (d)",
        term="1 month (UK GDPR Art. 12(3))",
    ),
    "us-ca-ccpa": Law(
        rights=("know|access", "delete|erase", "correct|rectify", "opt-out-of-sale", "non-discrimination"),
        source="Cal. Civ. Code 1798.130(a)(5)",
        term="45 days (Cal. Civ. Code 1798.130(a)(2))",
    ),
    "sg-pdpa": Law(
        rights=("access|know", "correct|rectify", "withdraw"),
        source="PDPA 2012 s. 16, 21, 22",
        term="30 days (Personal Data Protection Regulations 2021)",
    ),
    "au-privacy": Law(
        rights=("access|know", "correct|rectify", "complain"),
        source="APP 1.4, 12, 13",
        term="30 days (OAIC guidance on APP 12)",
    ),
    "eu-eprivacy": Law(consent="cookies and mailings (Directive 2002/58/EC Art. 5(3), 13)"),
    "uk-pecr": Law(consent="cookies and mailings (PECR reg. 6, 22)"),
    "us-can-spam": Law(),
    "us-coppa": Law(),
}


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding for each gap between a claimed law and the policy."""
    for index, name in enumerate(given.policy.organisation.laws):
        path = ("organisation", "laws", index)
        law = LAWS.get(name)
        if law is None:
            say = Say(
                f"No law pack is called `{name}`; claiming it has no effect.",
                "Use one of the names.",
                found=name,
                valid=tuple(LAWS),
                nearest=nearest(name, LAWS),
            )
            yield given.finding("unknown-law", path, say, f"laws.{name}")
            continue
        for key, say in _gaps(given, name, law):
            yield given.finding("claimed-law-gap", path, say, f"{name}.{key}")


def _gaps(given: Given, name: str, law: Law) -> Iterator[tuple[str, Say]]:
    offered = given.policy.rights.offer if given.policy.rights else ()
    for right in law.rights:
        if not any(each in offered for each in right.split("|")):
            first = right.split("|")[0]
            message = (
                f"{name} gives people the right `{first}`, and the policy does not offer it ({law.source})."
            )
            yield first, Say(message, f"Add `{first}` to `rights: {{offer: […]}}`.")
    terms = given.policy.rights.answer_within if given.policy.rights else {}
    if law.term and name not in terms:
        say = Say(
            f"The policy gives no answer term under {name}; by law it is {law.term}.",
            f"Add `rights: {{answer-within: {{{name}: …}}}}`.",
        )
        yield "answer-within", say
    if law.rights and not given.policy.organisation.contacts:
        yield "contact", Say(f"{name} is claimed, and no contact is given.", "Add `contacts: {privacy: …}`.")
    if law.consent and all(p.basis != "consent" for p in given.policy.purposes.values()):
        say = Say(
            f"{name} asks consent for {law.consent}, and no purpose rests on consent.",
            "Give such a purpose `basis: consent`.",
        )
        yield "consent", say
