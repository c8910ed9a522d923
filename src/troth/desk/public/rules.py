"""What Troth does about a promise, in plain words: one or two sentences for each kind of rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from troth.app.centre.published import Kept, Rule
from troth.desk.public import words
from troth.desk.public.words import Text
from troth.periods import Period
from troth.policy.model import (
    Breach,
    Category,
    Erasure,
    PeriodBy,
    Policy,
    Promise,
    Purpose,
    Recipient,
    Retention,
    Rights,
    Statement,
    Transfer,
)

BLOCKS: dict[str, Text] = {
    "categories": gettext_lazy("What is collected"),
    "purposes": gettext_lazy("What it is used for"),
    "retention": gettext_lazy("How long it is kept"),
    "rights": gettext_lazy("Your rights"),
    "erasure": gettext_lazy("When you ask for erasure"),
    "recipients": gettext_lazy("Who receives it"),
    "transfers": gettext_lazy("Where it goes"),
    "breach": gettext_lazy("If something goes wrong"),
    "statements": gettext_lazy("What else is promised"),
}
"""Blocks in the order in which people ask about them."""

EVENTS: dict[str, Text] = {
    "account.closed": gettext_lazy("the account is closed"),
    "transaction.made": gettext_lazy("the transaction"),
    "last.interaction": gettext_lazy("the last contact"),
    "last.contact": gettext_lazy("the last contact"),
    "last.login": gettext_lazy("the last sign-in"),
    "collected": gettext_lazy("it was collected"),
    "contract.ended": gettext_lazy("the contract has ended"),
    "noncustomer.since": gettext_lazy("you are no longer a customer"),
    "cookie.lapsed": gettext_lazy("the cookie has run out"),
    "identity.confirmed": gettext_lazy("it is confirmed who you are"),
    "opted.out": gettext_lazy("you opt out"),
    "purposes.end": gettext_lazy("nothing it is used for needs it any more"),
    "service.performed": gettext_lazy("the service was performed"),
}
BASES: dict[str, Text] = {
    "consent": gettext_lazy("your consent"),
    "contract": gettext_lazy("a contract with you"),
    "legal-obligation": gettext_lazy("a legal duty"),
    "vital-interests": gettext_lazy("vital interests"),
    "public-task": gettext_lazy("a public task"),
    "legitimate-interests": gettext_lazy("legitimate interests"),
}
ROLES: dict[str, Text] = {
    "processor": gettext_lazy("works for us and on our orders only"),
    "controller": gettext_lazy("decides itself what it does with the data"),
    "joint": gettext_lazy("decides together with us"),
    "authority": gettext_lazy("is an authority"),
    "buyer": gettext_lazy("buys data"),
    "group": gettext_lazy("belongs to our group"),
}
SAFEGUARDS: dict[str, Text] = {
    "adequacy": gettext_lazy("a decision that data is protected well enough there"),
    "standard-clauses": gettext_lazy("standard contract clauses"),
    "binding-rules": gettext_lazy("binding rules of the group"),
    "consent": gettext_lazy("your consent"),
    "contract": gettext_lazy("a contract"),
    "none": gettext_lazy("nothing that we know of"),
}
NOTICE: dict[str, Text] = {
    "nature": gettext_lazy("what happened"),
    "consequences": gettext_lazy("what may come of it"),
    "measures": gettext_lazy("what we do about it"),
    "contact": gettext_lazy("whom you can ask"),
    "protective-steps": gettext_lazy("how you can protect yourself"),
}
STATUS: dict[str, tuple[Text, str]] = {
    "kept": (gettext_lazy("Kept"), "kept"),
    "broken": (gettext_lazy("Not kept at the moment"), "broken"),
    "attested": (gettext_lazy("Stated by a person"), ""),
    "unproven": (gettext_lazy("Not proven yet"), "unproven"),
    "not-triggered": (gettext_lazy("Has not come up"), ""),
}
"""The status of a promise in words, and how its badge looks."""
WORST = ("broken", "unproven", "", "kept")
"""Looks of badges, the worst first."""
KINDS = {
    **{"access": "access", "rectify": "rectify", "correct": "rectify", "erase": "erase", "delete": "erase"},
    **{"restrict": "restrict", "object": "object", "portability": "portability", "withdraw": "withdraw"},
    **{"complain": "complain", "know": "know", "opt-out-of-sale": "opt-out-sale"},
    **{"limit-sensitive": "limit-sensitive"},
}
"""Kinds of request by the policy's words for rights."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A rule in words."""

    id: str
    title: str
    own: bool
    """The title stands so in the project's files, in their language."""
    sentences: tuple[str, ...]
    ask: str = ""
    """The kind of request that can be made about it."""
    status: Text = ""
    """What the last check said; empty where there was none."""
    look: str = ""
    """How its badge looks."""
    checked: datetime | None = None


def said(rule: Rule, policy: Policy, kept: Mapping[str, Kept]) -> Said:
    """Say what is done about a promise, and what its last check said."""
    ask = KINDS.get(rule.key, "") if rule.block == "rights" else ""
    found = kept.get(rule.id)
    status, look = STATUS.get(found.status, ("", "")) if found else ("", "")
    return Said(
        id=rule.id,
        title=_title(rule),
        own=rule.block != "rights" and bool(rule.promise.label or isinstance(rule.promise, Statement)),
        sentences=tuple(_sentences(rule, policy)),
        ask=ask,
        status=status,
        look=look,
        checked=found.on if found else None,
    )


def once(found: Iterable[Said]) -> list[Said]:
    """Make one of rules that give the same right: laws name it differently, and people read it once.

    Of what their checks said, the worst stands.
    """
    merged: dict[str, Said] = {}
    for one in found:
        key = f"ask:{one.ask}" if one.ask else f"id:{one.id}"
        before = merged.get(key)
        merged[key] = one if before is None else _both(before, one)
    return list(merged.values())


def _both(one: Said, other: Said) -> Said:
    worse = min(one, other, key=lambda each: WORST.index(each.look) if each.status else len(WORST))
    return replace(worse, id=one.id, sentences=tuple(dict.fromkeys((*one.sentences, *other.sentences))))


def _title(rule: Rule) -> str:
    one = rule.promise
    if isinstance(one, Rights):
        kind = KINDS.get(rule.key)
        return str(words.RIGHTS[kind].title) if kind else _("No drawback from using a right")
    if isinstance(one, Statement):
        return one.what
    return one.label or str(BLOCKS.get(rule.block, rule.key))


def _sentences(rule: Rule, policy: Policy) -> Iterator[str]:
    one: Promise = rule.promise
    match one:
        case Category():
            yield from _category(one)
        case Purpose():
            yield from _purpose(one, policy)
        case Retention():
            yield from _retention(one)
        case Recipient():
            yield from _recipient(one, policy)
        case Transfer():
            yield from _transfer(one, policy)
        case Erasure():
            yield from _erasure(one)
        case Breach():
            yield from _breach(one)
        case Rights():
            yield from _right(rule.key, one)
        case _:
            return


def _category(one: Category) -> Iterator[str]:
    if one.covers:
        yield _("This is: {things}.").format(things=listed(one.covers))
    if not one.collected:
        yield _("The policy does not list it among what is collected.")


def _purpose(one: Purpose, policy: Policy) -> Iterator[str]:
    if one.uses:
        yield _("For this we use: {things}.").format(things=listed(_labels(one.uses, policy)))
    if one.basis:
        yield _("It rests on {ground}.").format(ground=BASES[one.basis])


def _retention(one: Retention) -> Iterator[str]:
    yield _kept(one)
    if one.at_most is not None:
        yield _("Never longer than {period}.").format(period=period(one.at_most))
    if one.because:
        yield _("It is kept that long for: {duty}.").format(duty=one.because)
    if one.minimal_record:
        yield _("Only this stays: {things}. The rest goes earlier.").format(things=listed(one.minimal_record))
    if one.inactive is not None:
        yield _("Somebody we have not heard of for {period} is told, and counts as gone after that.").format(
            period=period(one.inactive.after)
        )
    yield _("Within {period} after that it is gone from our systems, and we check that it is.").format(
        period=period(one.act_within)
    )


def _kept(one: Retention) -> str:
    event = str(
        EVENTS.get(str(one.after or one.until or ""), str(one.after or one.until or "").replace(".", " "))
    )
    match one.for_:
        case Period():
            return (
                _("We keep it for {period}, counted from when {event}.").format(
                    period=period(one.for_), event=event
                )
                if str(one.after) not in NOUNS
                else _("We keep it for {period} after {event}.").format(period=period(one.for_), event=event)
            )
        case "ever":
            return (
                _("The record stays; you are taken out of it, so that it is about nobody.")
                if one.without_person
                else _("We keep it without an end.")
            )
        case "as-contracted":
            return _("We keep it as long as the contract says.")
        case PeriodBy():
            return _("How long we keep it depends: {cases}.").format(cases="; ".join(_by(one.for_)))
    if one.until is not None:
        return _("We keep it until {event}.").format(event=event)
    return _("We keep it no longer than the rules above say.")


NOUNS = frozenset({"transaction.made", "last.interaction", "last.contact", "last.login"})
"""Events whose words are a thing, not a sentence."""


def _by(one: PeriodBy) -> Iterator[str]:
    for names in (one.subject, one.store, one.law):
        yield from (f"{name}: {period(length)}" for name, length in names.items())
    if one.otherwise is not None:
        yield _("otherwise {period}").format(period=period(one.otherwise))


def _recipient(one: Recipient, policy: Policy) -> Iterator[str]:
    yield _("Receives data from us and {role}.").format(role=ROLES[one.role])
    if one.categories:
        yield _("It gets: {things}.").format(things=listed(_labels(one.categories, policy)))
    if one.country:
        yield _("It is in: {place}.").format(place=one.country)


def _transfer(one: Transfer, policy: Policy) -> Iterator[str]:
    from troth.desk.public import residences

    yield _("Data goes to: {place}.").format(place=residences.name(one.to))
    if one.safeguard:
        yield _("What protects it there: {safeguard}.").format(safeguard=SAFEGUARDS[one.safeguard])
    if one.categories:
        yield _("This is: {things}.").format(things=listed(_labels(one.categories, policy)))


def _erasure(one: Erasure) -> Iterator[str]:
    yield _(
        "When you ask for it, your data is erased in all our systems, and we look again whether it is gone."
    )
    if one.backups is not None:
        yield _("Within {period} no backup holds it any more.").format(period=period(one.backups))
    if one.recipients:
        yield _("Those who got it from us are told to erase it too.")
    if one.minimal_record:
        yield _("What a law makes us keep stays for that alone; you are told what and until when.")
    if one.confirm:
        yield _("You get a confirmation.")


def _breach(one: Breach) -> Iterator[str]:
    if one.tell_people_within is not None:
        yield _("If data gets into wrong hands, you are told within {period}.").format(
            period=period(one.tell_people_within)
        )
    if one.tell_authority_within is not None:
        yield _("The authority is told within {period}.").format(period=period(one.tell_authority_within))
    if one.include:
        yield _("You are told: {things}.").format(things=listed(str(NOTICE[part]) for part in one.include))


def _right(right: str, one: Rights) -> Iterator[str]:
    kind = KINDS.get(right)
    yield str(words.RIGHTS[kind].is_) if kind else _("You are treated no worse for using any of your rights.")
    if right in one.only_for:
        yield _("It is offered to: {whom}.").format(whom=one.only_for[right])


def _labels(names: Sequence[str], policy: Policy) -> Iterator[str]:
    for name in names:
        found = policy.categories.get(name)
        yield (found.label if found else "") or name


def listed(things: Iterable[str]) -> str:
    """Write things one after the other."""
    return ", ".join(things)


def period(length: Period) -> str:
    """Say a length of time in the language of the page."""
    years, months = divmod(length.months, 12) if length.months % 12 == 0 else (0, length.months)
    hours, rest = divmod(length.seconds, 3600)
    parts = [
        ngettext("{n} year", "{n} years", years).format(n=years) if years else "",
        ngettext("{n} month", "{n} months", months).format(n=months) if months else "",
        ngettext("{n} day", "{n} days", length.days).format(n=length.days) if length.days else "",
        ngettext("{n} hour", "{n} hours", hours).format(n=hours) if hours else "",
        ngettext("{n} minute", "{n} minutes", rest // 60).format(n=rest // 60) if rest else "",
    ]
    return " ".join(filter(None, parts)) or _("at once")
