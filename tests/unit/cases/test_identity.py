"""What proof a request may be asked for: every law by every kind, and several laws together."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from troth.cases import identity, identity_proof, kinds
from troth.cases.case import Case
from troth.cases.events import Event
from troth.laws import shelf

TABLE = yaml.safe_load((Path(__file__).parents[2] / "cases" / "identity.yml").read_text(encoding="utf-8"))
DAY = date(2027, 1, 15)
AT = datetime(2027, 1, 15, tzinfo=UTC)
STOPS = [name for name, kind in kinds.ALL.items() if kind.stops]
ROWS = [
    (law, level, kind)
    for law, levels in TABLE["laws"].items()
    for level, names in levels.items()
    for kind in names
]


def case(
    kind: str, *events: Event, laws: tuple[str, ...] = (), whom: Any = "self", child: bool = False
) -> Case:
    """Make a case to which some things happened."""
    received = Event(kind="received", at=AT, by=1, body={"channel": "mail"})
    return Case(
        id=1,
        kind=kinds.kind(kind),
        whom=whom,
        role="controller",
        residence="unknown",
        place="",
        child=child,
        together_with=None,
        laws=laws,
        events=(received, *events),
    )


def came(means: str, **body: Any) -> Event:
    """Make the event that some proof came in."""
    return Event(kind="identity.received", at=AT, by=1, body={"means": means, **body})


def proof(kind: str, *laws: str, risk: Any = "high", child: bool = False) -> identity.Proof:
    """Say what a kind of request needs."""
    return identity.needed(kinds.kind(kind), laws, DAY, risk=risk, child=child)


@pytest.mark.parametrize(("law", "level", "kind"), ROWS)
def test_each_law_and_kind(law: str, level: str, kind: str) -> None:
    """What a law lets anybody ask for is what the table says."""
    high, low = (proof(kind, law, risk=risk, child=level == "parent") for risk in ("high", "low"))
    if level == "parent":
        assert (high.parent, proof(kind, law).parent) == (True, False)
    elif level == "by-risk":
        assert (high.level, low.level) == ("reasonably-high", "reasonable")
    else:
        assert (high.level, low.level) == (level, level)
    assert high.allowed is (level != "none-allowed")


def test_the_table_has_every_right_of_every_law() -> None:
    """No law and no kind of request is left out."""
    packs = {name: shelf.load(name) for name in shelf.names()}
    there = {(law, k.name) for law, pack in packs.items() for k in kinds.ALL.values() if k.right(pack, DAY)}
    assert {(law, kind) for law, _, kind in ROWS} == there


@pytest.mark.parametrize("row", TABLE["together"], ids=lambda row: row["says"])
def test_laws_together(row: dict[str, Any]) -> None:
    """Several laws of one request give one proof."""
    found = identity.needed(
        kinds.kind(row["kind"]), row["laws"], row.get("day", DAY), risk=row.get("risk", "high")
    )
    assert row["is"] == {
        "level": found.level,
        "doubt-first": found.doubt_first,
        "points": found.points,
        "declaration": found.declaration,
    }


@given(
    kind=st.sampled_from(STOPS),
    laws=st.lists(st.sampled_from(shelf.names()), unique=True).map(tuple),
    means=st.sampled_from((*identity_proof.MEANS, "no-doubt", "power-of-attorney", "")),
    because=st.text(max_size=5),
    risk=st.sampled_from(["low", "high"]),
    child=st.booleans(),
)
def test_nothing_can_be_asked_for_an_opt_out(
    kind: str, laws: tuple[str, ...], means: str, because: str, risk: Any, child: bool
) -> None:
    """Under no laws, with no means and for no reason: nothing is asked, and nobody's word is needed."""
    needs = proof(kind, *laws, risk=risk, child=child)
    asked = case(kind, laws=laws, child=child)
    assert not needs.allowed
    assert [*identity_proof.may_ask(asked, needs, means, because)]
    assert [*identity_proof.may_accept(needs, means, because)]
    assert identity_proof.shown(asked).enough(needs)


@given(
    kind=st.sampled_from(sorted(kinds.ALL)),
    laws=st.lists(st.sampled_from(shelf.names()), unique=True).map(tuple),
    risk=st.sampled_from(["low", "high"]),
)
def test_one_more_law_never_asks_less_of_what_leaves(kind: str, laws: tuple[str, ...], risk: Any) -> None:
    """For data that leaves, all laws together ask at least what each law alone asks."""
    together = proof(kind, *laws, risk=risk)
    for law in laws:
        alone = proof(kind, law, risk=risk)
        if kinds.kind(kind).discloses and alone.grounds and together.allowed:
            assert identity.DEGREES.index(together.level) >= identity.DEGREES.index(alone.level)
        if not alone.allowed:
            assert not together.allowed


@pytest.mark.parametrize(
    ("events", "missing"),
    [
        ((), ("3 of 3 points", "a signed declaration")),
        ((came("code"),), ("1 of 3 points", "a signed declaration")),
        ((came("code"), came("code")), ("1 of 3 points", "a signed declaration")),
        ((came("points", matched=2, of=3), came("points", matched=2, of=2)),
         ("1 of 3 points", "a signed declaration")),
        ((came("code"), came("points", matched=1, of=2)), ("a signed declaration",)),
        ((came("login"), came("declaration")), ()),
        ((came("login"), came("declaration"), Event(kind="identity.failed", at=AT, by=1, body={"reason": "x"})),
         ("3 of 3 points", "a signed declaration")),
        ((Event(kind="authority.shown", at=AT, by=1, body={"means": "power-of-attorney"}),), ()),
        ((Event(kind="authority.shown", at=AT, by=1, body={"means": "signed-permission"}),),
         ("3 of 3 points", "a signed declaration")),
    ],
)  # fmt: skip
def test_what_is_shown_adds_up(events: tuple[Event, ...], missing: tuple[str, ...]) -> None:
    """Means count once, the best comparison counts, a failure begins anew, a power of attorney is enough."""
    needs = proof("access", "us-ca-ccpa")
    assert identity_proof.shown(case("access", *events)).missing(needs) == missing


@pytest.mark.parametrize(
    ("law", "means", "because", "says"),
    [
        ("eu-gdpr", "code", "", "reasonable doubt"),
        ("eu-gdpr", "code", "the address is new", ""),
        ("us-ca-ccpa", "code", "", ""),
        ("us-ca-ccpa", "declaration", "", ""),
        ("sg-pdpa", "declaration", "", "No law of this request"),
        ("sg-pdpa", "passport", "", "no such means"),
        ("sg-pdpa", "parent", "", "No parent"),
        ("sg-pdpa", "authority", "", "Nobody asks for somebody else"),
        ("sg-pdpa", "document", "", "only with a reason"),
        ("sg-pdpa", "document", "no account", "last means"),
    ],
)
def test_what_may_be_asked(law: str, means: str, because: str, says: str) -> None:
    """Each means has its conditions; what may not be asked names the reason."""
    problems = [*identity_proof.may_ask(case("access"), proof("access", law), means, because)]
    assert says in problems[0].message if says else problems == []


def test_a_processor_asks_under_instruction_only() -> None:
    """Whose data it is decides what proof is needed."""
    ours = replace(case("access"), role="processor")
    told = (
        Event(kind="referred", at=AT, by=1),
        Event(kind="instructed", at=AT, by=1, body={"instruction": "i-7"}),
    )
    needs = proof("access", "sg-pdpa")
    assert "decides what proof" in next(identity_proof.may_ask(ours, needs, "code", "")).message
    assert not [*identity_proof.may_ask(replace(ours, events=(*ours.events, *told)), needs, "points", "")]


def test_a_document_is_the_last_means() -> None:
    """It may be asked for with a reason, once something milder was tried."""
    tried = case("access", came("points", matched=0, of=2))
    assert not [*identity_proof.may_ask(tried, proof("access", "sg-pdpa"), "document", "no fact matched")]


def test_nothing_is_asked_of_whom_is_proven_or_holds_a_power_of_attorney() -> None:
    """What is enough is enough."""
    needs = proof("access", "sg-pdpa")
    shown = Event(kind="authority.shown", at=AT, by=1, body={"means": "power-of-attorney"})
    for one in (case("access", came("login")), case("access", shown, whom="agent")):
        assert [*identity_proof.may_ask(one, needs, "code", "")]


@pytest.mark.parametrize(
    ("law", "means", "because", "says"),
    [
        ("eu-gdpr", "no-doubt", "known for years", ""),
        ("eu-gdpr", "no-doubt", "", "what it rests on"),
        ("us-ca-ccpa", "no-doubt", "known", "more than the absence"),
        ("us-ca-ccpa", "login", "signed in at 10:02", ""),
        ("us-ca-ccpa", "points", "they knew", "somebody's word"),
    ],
)
def test_whose_word_counts(law: str, means: str, because: str, says: str) -> None:
    """A named person may say that there is no doubt where the law wants doubt first, and that somebody signed in."""
    problems = [*identity_proof.may_accept(proof("access", law), means, because)]
    assert says in problems[0].message if says else problems == []


def test_without_doubt_nothing_needs_to_be_shown() -> None:
    """Where the law asks only on doubt, saying that there is none is enough; elsewhere it is not."""
    word = case("access", came("no-doubt"))
    assert identity_proof.shown(word).enough(proof("access", "eu-gdpr"))
    assert not identity_proof.shown(word).enough(proof("access", "sg-pdpa"))


def test_what_is_done_instead() -> None:
    """California answers by category where the pieces themselves cannot be given, and offers the opt-out."""
    assert "7024(a)" in identity.instead(kinds.kind("access"), ("us-ca-ccpa",))[1]
    assert "opt out" in identity.instead(kinds.kind("erase"), ("us-ca-ccpa",))[1]
    assert len(identity.instead(kinds.kind("erase"), ("eu-gdpr",))) == 1


def test_a_parent_proves_by_being_one() -> None:
    """Where a law is about parents, nothing else of the child has to match."""
    needs = proof("access", "us-coppa", child=True)
    shown = Event(kind="authority.shown", at=AT, by=1, body={"means": "parent"})
    assert identity_proof.shown(case("access", shown)).enough(needs)
    assert not identity_proof.shown(case("access", came("login"))).enough(replace(needs, points=0))
