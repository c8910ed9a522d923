"""What a request still needs, and requests that came before."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from troth.cases import clocks, needs, repeats
from troth.cases.case import Case
from troth.cases.repeats import Earlier
from unit.cases.made import case

NOW = datetime(2026, 9, 1, tzinfo=UTC)
RECEIVED = ("received", "2026-06-01T09:00Z")
LATER = "2026-06-02T09:00Z"


def missing(found: Case) -> str:
    """Return what it needs in one text."""
    return "\n".join(needs.missing(found, clocks.dates(found, NOW)))


@pytest.mark.parametrize(
    ("happened", "fields", "says"),
    [
        ((), {}, "clear who asks"),
        ((), {"role": "unknown"}, "request customer"),
        ((), {"role": "processor"}, "For whom the data is held is not known"),
        (("customer.named",), {"role": "processor"}, "request refer"),
        (("customer.named", "referred"), {"role": "processor"}, "instruction has not come"),
        ((), {"whom": "agent"}, "agent has not shown"),
        (("identity.asked",), {}, "not accepted yet"),
        (("identity.asked", "identity.failed"), {}, "could not be proven"),
        (("identity.proven",), {}, "a person decides"),
        (("clarification.asked",), {}, "not answered yet"),
        (("fee.asked",), {}, "fee has not come"),
        (("acknowledged", "bounced"), {}, "came back"),
        (("decided",), {}, "request carry-out"),
        (("decided", "done"), {}, "answer is to be sent"),
        (
            (),
            {"laws": ("us-ca-ccpa",), "residence": "US-CA"},
            "Tell the person that it came in, by 2026-06-15",
        ),
    ],
)
def test_what_is_missing(happened: tuple[str, ...], fields: dict[str, str], says: str) -> None:
    """Each standing of a case names what comes next."""
    assert says in missing(case(RECEIVED, *((kind, LATER) for kind in happened), **fields))


def test_an_opt_out_needs_no_proof() -> None:
    """Nobody is asked who they are where a use only stops."""
    found = missing(case(RECEIVED, kind="opt-out-sale", laws=("us-ca-ccpa",)))
    assert "who asks" not in found
    assert "erson decides" in found


def test_a_closed_case_needs_nothing() -> None:
    """What is over has no next step."""
    assert not missing(case(RECEIVED, ("withdrawn", LATER)))


def earlier(id: int, day: str, kind: str = "access", outcome: str = "granted") -> Earlier:
    """Make an earlier request under Californian law."""
    return Earlier(id=id, kind=kind, received=date.fromisoformat(day), outcome=outcome, laws=("us-ca-ccpa",))


@pytest.mark.parametrize(
    ("others", "number"),
    [
        ([], 1),
        ([earlier(1, "2025-06-01")], 2),
        ([earlier(1, "2025-05-31")], 1),
        ([earlier(1, "2026-01-01"), earlier(2, "2026-02-01", kind="know")], 3),
        ([earlier(1, "2026-01-01", outcome="withdrawn")], 1),
        ([earlier(1, "2026-01-01", kind="erase")], 1),
        ([earlier(8, "2026-06-01")], 1),
    ],
)
def test_a_law_counts_requests(others: list[Earlier], number: int) -> None:
    """Those of its kind within twelve months before count; given up and later ones do not."""
    [found] = repeats.counted(case(RECEIVED, laws=("us-ca-ccpa",)), others)
    assert found.number == number
    assert found.above is (number > 2)


def test_european_law_counts_nothing() -> None:
    """There a repetition is weighed by a person, never counted."""
    assert not repeats.counted(case(RECEIVED), [earlier(1, "2026-05-31")])
