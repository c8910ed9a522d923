"""What a claimed law asks for and the policy does not say: rights, answer terms, a contact, a complaint route.

What a law asks for stands in its pack, with the article. A law without pack is told as a finding too, so that a
claim is never silently without effect.
"""

from __future__ import annotations

from collections.abc import Iterator

from troth.laws import shelf
from troth.laws.model import Notice
from troth.policy.lint.given import Given, Say
from troth.problems import Problem, nearest


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding for each gap between a claimed law and the policy."""
    for index, name in enumerate(given.policy.organisation.laws):
        path = ("organisation", "laws", index)
        if name not in shelf.names():
            say = Say(
                f"No law pack is called `{name}`; claiming it has no effect.",
                "Use one of the names.",
                found=name,
                valid=shelf.names(),
                nearest=nearest(name, shelf.names()),
            )
            yield given.finding("unknown-law", path, say, f"laws.{name}")
            continue
        for key, say in _gaps(given, name, shelf.load(name).policy_says):
            yield given.finding("claimed-law-gap", path, say, f"{name}.{key}")


def _gaps(given: Given, name: str, law: Notice) -> Iterator[tuple[str, Say]]:
    yield from _rights(given, name, law)
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


def _rights(given: Given, name: str, law: Notice) -> Iterator[tuple[str, Say]]:
    rights = given.policy.rights
    for right in law.rights:
        either = right.split("|")
        first = either[0]
        if rights and any(each in rights.for_everybody for each in either):
            continue
        if rights and any(each in rights.offer for each in either):
            what, hint = "offers it to some of them only", "Offer it to everybody: drop it from `only-for`."
        else:
            what, hint = "does not offer it", f"Add `{first}` to `rights: {{offer: […]}}`."
        message = f"{name} gives people the right `{first}`, and the policy {what} ({law.article})."
        yield first, Say(message, hint)
