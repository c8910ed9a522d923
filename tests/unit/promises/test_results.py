"""How what was found becomes a status."""

from __future__ import annotations

from datetime import date

import pytest

from troth.problems import Problem
from troth.promises.given import _unsaid
from troth.promises.instants import day, earliest
from troth.promises.results import Ground, Offence, Reason, Status, counted, decide, heading
from unit.promises.makers import promise

MISSING = Reason(code="not-started", message="2 rows without a date", rows=2)
BAD = Offence(dataset="app.a", rows=3, oldest=date(2020, 1, 1))


@pytest.mark.parametrize(
    ("offences", "reasons", "held", "status"),
    [
        ([BAD], [], True, Status.BROKEN),
        ([BAD], [MISSING], True, Status.BROKEN),
        ([], [MISSING], True, Status.UNPROVEN),
        ([], [MISSING], False, Status.UNPROVEN),
        ([], [], False, Status.NOT_TRIGGERED),
        ([], [], True, Status.KEPT),
        ([Offence(dataset="app.a", rows=0)], [], True, Status.KEPT),
    ],
)
def test_status(offences: list[Offence], reasons: list[Reason], held: bool, status: Status) -> None:
    """An offence breaks, a reason leaves unproven, nothing to look at is not triggered, only then is it kept."""
    assert decide(promise(), offences=offences, reasons=reasons, held=held).status is status


def test_oldest() -> None:
    """The oldest offender is the one with the earliest date; those without a date come last."""
    older = Offence(dataset="app.z", rows=1, oldest=date(2019, 1, 1))
    found = decide(promise(), offences=[Offence(dataset="app.n", rows=1), BAD, older])
    assert (found.oldest, found.rows) == (older, 5)
    assert [o.dataset for o in found.offences] == ["app.z", "app.a", "app.n"]


def test_why_counts_reasons() -> None:
    """The line of an unproven promise shows its first reason and how many more there are."""
    other = Reason(code="not-mapped", message="No field")
    assert decide(promise(), reasons=[MISSING, other, MISSING]).why == "2 rows without a date (and 1 more)"


def test_empty_grounds_are_left_out() -> None:
    """A ground without rows is not shown."""
    none = Ground(reason="hold", detail="hold:1", dataset="app.a", rows=0)
    assert decide(promise(), grounds=[none]).grounds == ()


def test_counted() -> None:
    """Numbers are grouped, and one is singular."""
    assert (counted(1, "row"), counted(1200, "row"), counted(0, "row")) == ("1 row", "1,200 rows", "0 rows")


@pytest.mark.parametrize(
    ("text", "layout", "expected"),
    [
        ("2020-05-06", "", date(2020, 5, 6)),
        ("2020-05-06 23:00:00+00:00", "", date(2020, 5, 6)),
        ("2020-05-06T01:02:03", "", date(2020, 5, 6)),
        ("1588723200", "epoch-s", date(2020, 5, 6)),
        ("1588723200000", "epoch-ms", date(2020, 5, 6)),
        ("1588723200", "", None),
        ("Ada Lovelace", "", None),
        ("2020-13-06", "", None),
        ("2020-05-061", "", None),
        ("99999999999999999", "epoch-s", None),
    ],
)
def test_stored_days(text: str, layout: str, expected: date | None) -> None:
    """A stored value is a day or nothing: never the text itself."""
    assert day(text, layout) == expected


def test_earliest_skips_what_is_no_date() -> None:
    """The earliest day is taken among those that can be read."""
    assert earliest(["", "!", "2021-01-01", "2020-01-01"], [""]) == date(2020, 1, 1)
    assert earliest(["!"], [""]) is None


def test_undeclared_places_are_joined() -> None:
    """Many undeclared columns make one reason, with the first names."""
    problems = [Problem(code="undeclared-column", message="-", about=f"app.t.c{n}") for n in range(8)]
    (reason,) = _unsaid(problems)
    assert reason.message.startswith("8 columns of app in neither list")
    assert reason.message.endswith("app.t.c4 and 3 more")


def test_headings() -> None:
    """A reason has a heading, whether it is a check's own or the code of a problem."""
    assert heading("simulation").startswith("The instant")
    assert heading("no-anchor") == "A rule's event is dated by no column that a dataset can reach"
