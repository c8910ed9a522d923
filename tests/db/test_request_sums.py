"""Promises about requests, over requests in a real ledger: a table of cases, an oracle, and many requests at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.ledgers import KINDS, url_of
from db.requests_made import NOW, Asked, checked, summed, write
from db.requests_oracle import codes, past
from troth import ledger
from troth.app.casework import planning
from troth.app.requests import sums as request_sums
from troth.cases import moves, register
from troth.ledger.papers import NewPaper
from troth.people.tombstones import Erasure
from troth.problems import BadInput
from troth.promises.checks import rights
from troth.promises.results import Status

if TYPE_CHECKING:
    from troth.ledger.ledger import Ledger

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[1] / "cases" / "check_requests.yml").read_text(encoding="utf-8")
)


@pytest.fixture(params=KINDS)
def book(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """Open a fresh ledger on each kind of database."""
    opened = ledger.open(url_of(request, tmp_path), keys_dir=tmp_path / "keys")
    yield opened
    opened.close()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Ledger]:
    """Open a fresh ledger on SQLite."""
    opened = ledger.open(f"sqlite:///{tmp_path}/l.sqlite", keys_dir=tmp_path / "keys")
    yield opened
    opened.close()


@pytest.mark.parametrize("case", CASES, ids=[c["name"] for c in CASES])
def test_cases(case: dict[str, Any], book: Ledger) -> None:
    """Requests give the statuses, words and reasons the table says."""
    for asked in case["requests"]:
        told = {**asked, "events": tuple(asked["events"]), "laws": tuple(asked.get("laws", ["eu-gdpr"]))}
        write(book, Asked(**told))
    found = checked(book)
    for promise, expected in case["expect"].items():
        result = found[promise]
        assert str(result.status) == expected["status"], result
        assert result.why == expected.get("why", result.why)
        if "reasons" in expected:
            assert [reason.code for reason in result.reasons] == expected["reasons"]


def test_another_instant_proves_nothing(book: Ledger) -> None:
    """A simulation leaves unproven what is kept now, and leaves out what came in after its instant."""
    write(book, Asked(events=("2026-05-20 received", "2026-05-21 withdrawn")))
    found = checked(book, at=NOW - timedelta(days=30))
    assert found["rights.access"].status is Status.UNPROVEN
    assert not summed(book, at=NOW - timedelta(days=30)).of().opened


def test_an_erasure_of_no_request_is_told_apart(book: Ledger) -> None:
    """Of two erasures the one whose plan a request names belongs to it."""
    mine, other = "sha256:" + "b" * 64, "sha256:" + "c" * 64
    for plan in (mine, other):
        book.tombstones.add(Erasure(plan=plan, erased_at=NOW), [], [])
    events = ("2026-05-01 received", "2026-05-02 identity.proven", "2026-05-03 decided")
    write(book, Asked(kind="erase", events=(*events, f"2026-05-04 done plan={mine}", "2026-05-05 answered")))
    assert summed(book).erasures_apart == 1
    assert [r.code for r in checked(book)["rights.erase"].reasons] == ["erased-apart"]


def test_a_paper_kept_after_the_proof(book: Ledger) -> None:
    """It breaks the promise while it can be opened, and so does one past its day."""
    id = write(book, Asked(events=("2026-05-20 received", "2026-05-21 identity.proven")))
    staff = book.staff.identify("Sam", at=NOW)
    paper = NewPaper(case=id, name="ab" * 16, key=b"k" * 32, size=9, due=NOW.date() - timedelta(days=1))
    book.papers.keep(paper, at=NOW, by=staff)
    bad = summed(book).papers.bad
    assert {code: found.reference for code, found in bad.items()} == {
        "paper-kept": f"case:{id}",
        "paper-overdue": "paper:1",
    }
    assert checked(book)["statements.identity-verification-papers"].status is Status.BROKEN


def test_packages_are_made_for_the_same_kinds() -> None:
    """The check knows without loading them which kinds hand out a package."""
    assert request_sums.PACKAGED == planning.EXPORTS


def test_every_right_has_a_kind_of_request(book: Ledger) -> None:
    """Each right a policy can offer is asked for by some kind, or is said to be not built."""
    asked = set(summed(book).rights)
    assert {"access", "delete", "correct", "limit-sensitive", "complain"} <= asked
    assert not asked & set(rights.UNBUILT)


LAWS = {
    "EU-IE": ("eu-gdpr",),
    "GB-EAW": ("uk-gdpr",),
    "US-CA": ("us-ca-ccpa",),
    "unknown": ("eu-gdpr", "us-ca-ccpa"),
}
WORDS = {
    "decided": ("granted", "partial", "refused"),
    "answered": ("granted", "refused"),
    "closed": ("granted", "refused", "withdrawn", "referred", "unverified"),
}


@st.composite
def histories(draw: st.DrawFn) -> Asked:
    """Make a request to which things happened that may come, at whatever time."""
    residence = draw(st.sampled_from(sorted(LAWS)))
    at = NOW - timedelta(days=draw(st.integers(1, 150)))
    lines, state = [f"{at:%Y-%m-%dT%H:%MZ} received"], moves.NEW
    for _ in range(draw(st.integers(0, 9))):
        likely = [k for k in moves.allowed(state) if k not in {"note", "bounced", "residence.stated"}]
        if not likely:
            break
        kind = draw(st.sampled_from(likely))
        at = min(NOW, at + timedelta(hours=draw(st.sampled_from([1, 30, 200, 700]))))
        outcome = draw(st.sampled_from(WORDS[kind])) if kind in WORDS else ""
        state = moves.after(state, kind, outcome)
        words = [f"outcome={outcome}"] if outcome else []
        if kind == "decided":
            words += draw(st.sampled_from([[], ["reasons=not-held"], ["by=system", "reasons=hold"]]))
        if kind == "done":
            done = draw(st.sampled_from(["done", "done residues=1 kept=2", "handed-out", "carried-out"]))
            kind, *words = done.split()
        lines.append(" ".join([f"{at:%Y-%m-%dT%H:%MZ}", kind, *words]))
    return Asked(
        events=tuple(lines),
        kind=draw(
            st.sampled_from(["access", "erase", "rectify", "object-marketing", "opt-out-sale", "complain"])
        ),
        laws=LAWS[residence],
        residence=residence,
        role=draw(st.sampled_from(["controller", "controller", "processor", "unknown"])),
        whom=draw(st.sampled_from(["self", "self", "agent"])),
    )


@given(asked=st.lists(histories(), min_size=1, max_size=5))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sums_say_what_the_events_say(small: Ledger, asked: list[Asked]) -> None:
    """The counts of each fault are those an oracle finds that folds every request and computes every clock."""
    _emptied(small)
    ids = [_written(small, one) for one in asked]
    cases = [register.read(small, id) for id in ids if id]
    expected = Counter((case.kind.name, code) for case in cases for code in codes(case, NOW))
    found = summed(small)
    counted = {
        (kind, code): bad.count for kind, tally in found.kinds.items() for code, bad in tally.bad.items()
    }
    assert counted == dict(expected)
    for law, days in {"eu-gdpr": 20, "us-ca-ccpa": 45}.items():
        missed = found.within[law].bad.values() if law in found.within else ()
        assert sum(bad.count for bad in missed) == sum(past(case, law, days, NOW) for case in cases)
    assert found.of().opened == len(cases)


def _emptied(book: Ledger) -> None:
    """Take every request out of a ledger."""
    from troth.ledger.models_cases import Case, CaseEvent, CaseIdentity  # only once a ledger is open

    with book.writing() as alias:
        for model in (CaseEvent, CaseIdentity, Case):
            model.objects.using(alias).all().delete()


def _written(book: Ledger, asked: Asked) -> int:
    """Write a request down; 0 where a clock says that its events cannot all be true."""
    try:
        with book.writing():
            return write(book, asked)
    except BadInput:
        return 0
