"""What must be true before a request is decided, and what a refusal gives as reasons."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from troth.cases import deciding, kinds
from troth.cases.case import Case
from troth.cases.deciding import Decision
from troth.cases.events import Event

AT = datetime(2026, 4, 7, 10, tzinfo=UTC)
TODAY = date(2026, 4, 8)


def happened(kind: str, **body: object) -> Event:
    """Make an event."""
    return Event(kind=kind, at=AT, by=1, body=body)


PROVEN = happened("identity.proven", means="code")
PLANNED = happened("planned", people=1, rows=3)


def case(kind: str, *events: Event, laws: tuple[str, ...] = ("eu-gdpr",), **more: object) -> Case:
    """Make a request of a kind to which some things happened."""
    given = {
        "whom": "self",
        "role": "controller",
        "residence": "EU-IE",
        "place": "EU-IE",
        "child": False,
    } | more
    first = happened("received", channel="mail")
    return Case(
        id=1,
        kind=kinds.kind(kind),
        together_with=None,
        laws=laws,
        events=(first, *events),
        **given,  # type: ignore[arg-type]
    )


def said(found: Case, decision: Decision) -> str:
    """Join what keeps a request from being decided so."""
    return " ".join(problem.message for problem in deciding.faults(found, decision, TODAY))


def test_a_proven_planned_erasure_can_be_granted() -> None:
    """Nothing is in the way once who asks is proven and the plan is made."""
    assert not said(case("erase", PROVEN, PLANNED), Decision(outcome="granted"))


@pytest.mark.parametrize(
    "kind", [k for k in kinds.ALL.values() if k.discloses or k.changes], ids=lambda k: k.name
)
def test_nothing_is_granted_to_somebody_unproven(kind: kinds.Kind) -> None:
    """What discloses or changes data waits for proof, whatever is asked for."""
    assert "not proven" in said(case(kind.name, PLANNED), Decision(outcome="granted"))


@pytest.mark.parametrize("kind", [k for k in kinds.ALL.values() if k.stops], ids=lambda k: k.name)
def test_stopping_needs_no_proof(kind: kinds.Kind) -> None:
    """Opt-outs, withdrawal and objection to marketing are granted to whoever asks."""
    assert not said(case(kind.name), Decision(outcome="granted"))


@pytest.mark.parametrize("name", ["complain", "appeal"])
def test_looking_again_needs_no_proof(name: str) -> None:
    """Whoever complains is heard; what the answer may tell depends on what was proven before."""
    assert "not proven" not in said(case(name), Decision(outcome="granted"))


def test_an_erasure_is_not_granted_before_its_plan() -> None:
    """Nobody grants what was not worked out."""
    assert "worked out" in said(case("erase", PROVEN), Decision(outcome="granted"))


def test_a_processor_acts_only_under_an_instruction() -> None:
    """Rows held for somebody else are theirs to decide on."""
    ours = case("erase", PROVEN, PLANNED, role="processor")
    assert "held for somebody else" in said(ours, Decision(outcome="granted"))
    told = happened("instructed", instruction="oz-1")
    assert not said(case("erase", PLANNED, told, role="processor"), Decision(outcome="granted"))


def test_an_unknown_controller_is_asked_for_first() -> None:
    """Nobody decides, not even to refuse, before it is known for whom the data is held."""
    refusal = Decision(outcome="refused", reasons=("still-needed",), text="x")
    assert "for whom" in said(case("erase", PROVEN, role="unknown"), refusal)


def test_an_agent_shows_authority() -> None:
    """Proof of the person alone does not let an agent ask."""
    assert "agent" in said(case("erase", PROVEN, PLANNED, whom="agent"), Decision(outcome="granted"))


def test_a_refusal_gives_reasons_the_law_knows() -> None:
    """No reason, and a reason of no law of the case, are both refused."""
    ours = case("erase", PROVEN, PLANNED)
    assert "gives its reasons" in said(ours, Decision(outcome="refused"))
    assert "No law" in said(ours, Decision(outcome="refused", reasons=("debugging",)))
    assert not said(ours, Decision(outcome="refused", reasons=("legal-obligation",)))


def test_every_law_needs_a_reason_of_its_own() -> None:
    """What one law lets stay another may give: the request stands under the other."""
    both = case("erase", PROVEN, PLANNED, laws=("eu-gdpr", "us-ca-ccpa"))
    assert "us-ca-ccpa" in said(both, Decision(outcome="refused", reasons=("public-health",)))
    assert not said(both, Decision(outcome="refused", reasons=("legal-obligation",)))


def test_excess_is_shown() -> None:
    """Whoever calls a request excessive writes down the facts: the burden of proof is theirs."""
    ours = case("access", PROVEN, PLANNED)
    assert "facts" in said(ours, Decision(outcome="refused", reasons=("excessive",)))
    assert not said(ours, Decision(outcome="refused", reasons=("excessive",), text="Nine in a month."))


@pytest.mark.parametrize(
    ("until", "word"), [(None, "needs an end"), (date(2028, 1, 1), "twelve"), (date(2026, 4, 8), "twelve")]
)
def test_an_interest_of_our_own_ends_within_a_year(until: date | None, word: str) -> None:
    """A dispute or fraud keeps data only until a day, at most twelve months away."""
    decision = Decision(outcome="partial", reasons=("own-interest",), text="Fraud.", until=until)
    assert word in said(case("erase", PROVEN, PLANNED), decision)


def test_reasons_are_written_out_with_their_rules() -> None:
    """A reason under two laws names the article of each."""
    both = case("erase", laws=("eu-gdpr", "us-ca-ccpa"))
    given = deciding.reasons(both, ["legal-obligation"])[0]
    assert given.rules == ("Art. 17(3)(b) GDPR", "Civ. Code 1798.105(d)(8) CCPA")


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("access", "hold"),
        ("access", "own-interest"),
        ("access", "no-such-right"),
        ("access", "not-ours"),
        ("access", "not-held"),
        ("object-marketing", "unverified"),
        ("withdraw", "statutory-duty"),
        ("withdraw", "shared"),
    ],
)
def test_a_reason_that_cannot_be_true_is_none(kind: str, reason: str) -> None:
    """Keeping is no reason to withhold; nobody who stops something is asked for proof; a given right is given."""
    found = case(kind, PROVEN, PLANNED) if kind == "access" else case(kind)
    assert reason not in deciding.valid(found)
    assert said(found, Decision(outcome="refused", reasons=(reason,), text="x", until=date(2026, 9, 1)))


def test_a_right_no_law_gives_can_be_refused_so() -> None:
    """Singapore has no right to erasure: that reason is true there."""
    assert "no-such-right" in deciding.valid(case("erase", laws=("sg-pdpa",)))


@pytest.mark.parametrize("reason", ["hold", "own-interest", "shared"])
def test_a_reason_of_our_own_needs_one_of_the_law_beside_it(reason: str) -> None:
    """To refuse an erasure wholly an exception of the law is named, whatever else stands in its way."""
    ours, until = case("erase", PROVEN, PLANNED), date(2026, 9, 1)
    alone = Decision(outcome="refused", reasons=(reason,), text="x", until=until)
    assert "none of these reasons counts" in said(ours, alone)
    beside = Decision(outcome="refused", reasons=(reason, "legal-claims"), text="x", until=until)
    assert not said(ours, beside)


def test_a_processor_refuses_nothing_on_the_merits() -> None:
    """Without an instruction it can only say that the data is not its own."""
    theirs = case("erase", role="processor")
    assert "on the merits" in said(theirs, Decision(outcome="refused", reasons=("still-needed",), text="x"))
    assert not said(theirs, Decision(outcome="refused", reasons=("not-ours",)))


def test_a_controller_is_not_somebody_else() -> None:
    """Whoever decides about data does not refuse it as another's."""
    found = case("erase", PROVEN, PLANNED)
    assert "We are the controller" in said(found, Decision(outcome="refused", reasons=("not-ours",)))


@pytest.mark.parametrize("law", ["eu-gdpr", "uk-gdpr"])
def test_exceptions_are_those_of_the_right(law: str) -> None:
    """Claims end no restriction; contract and consent keep nobody from a second look (GDPR Art. 18, 22(3))."""
    assert "legal-claims" not in deciding.valid(case("restrict", laws=(law,)))
    assert not {"contract", "consent"} & set(deciding.valid(case("automated-decision", laws=(law,))))
    assert "no-ground" in deciding.valid(case("object", laws=(law,)))
