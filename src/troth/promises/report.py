"""All promises checked at one instant: results in order of weight, totals, exit code, and plain JSON of it.

Format `troth.check/1`, written up in docs/reference/check.md. The hash covers the whole report; evidence names it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from troth.plan.frozen import digest
from troth.plan.seal import basis
from troth.promises import listing
from troth.promises.checks import CHECKS
from troth.promises.given import Given, Own
from troth.promises.results import Attested, Ground, Offence, Reason, Result, Status

FORMAT = "troth.check/1"
ORDER = tuple(Status)

EXIT_KEPT, EXIT_BROKEN, EXIT_UNREACHABLE, EXIT_UNPROVEN = 0, 1, 3, 4
"""Faults in the files leave with 2, before any check is made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSeen:
    """One store of the data map and when it was looked at."""

    name: str
    at: datetime | None
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table a terminal shows."""

    id: str
    status: Status
    number: str
    oldest: str
    why: str
    place: str
    """Source line, as `policy.yaml:12`."""
    says: tuple[str, ...]
    attested: str
    unbuilt: bool
    """Nothing but a mechanism is missing."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """Every promise with its status."""

    organisation: str
    at: datetime
    simulation: bool
    results: tuple[Result, ...]
    """Broken first, then unproven, not triggered, kept; within each by id."""
    stores: tuple[StoreSeen, ...]
    rules: str
    """SHA-256 of the parsed policy and data map."""
    structure: Mapping[str, str]
    """Fingerprint of each store's structure."""
    only: tuple[str, ...] = ()
    """The blocks looked at, where not all were."""
    own: Own | None = None
    """Troth's own ledger."""

    @cached_property
    def totals(self) -> Mapping[Status, int]:
        """Count the promises of each status."""
        return {status: sum(r.status is status for r in self.results) for status in ORDER}

    @property
    def attested(self) -> int:
        """Count the promises someone stands for by name."""
        return sum(r.attested is not None for r in self.results)

    @property
    def exit_code(self) -> int:
        """Say how the command ends: a store out of reach weighs more than a broken promise."""
        if any(store.trouble for store in self.stores):
            return EXIT_UNREACHABLE
        if self.totals[Status.BROKEN]:
            return EXIT_BROKEN
        return EXIT_UNPROVEN if self.totals[Status.UNPROVEN] else EXIT_KEPT

    @cached_property
    def hash(self) -> str:
        """Return the SHA-256 of the whole report."""
        return digest(as_json(self))

    def of(self, status: Status) -> tuple[Result, ...]:
        """List the results of one status."""
        return tuple(r for r in self.results if r.status is status)

    def rows(self) -> tuple[Row, ...]:
        """Make the lines of a table."""
        return tuple(map(_row, self.results))


def check(given: Given, *, only: Iterable[str] = ()) -> Report:
    """Check every promise, or those of some blocks."""
    blocks = tuple(only)
    chosen = [p for p in listing.promises(given.policy, given.places) if not blocks or p.block in blocks]
    results = (_attested(CHECKS[promise.kind](promise, given), given) for promise in chosen)
    made_from = basis(given.world)
    return Report(
        organisation=given.policy.organisation.name,
        at=given.world.at,
        simulation=given.simulation,
        results=tuple(sorted(results, key=lambda r: (ORDER.index(r.status), r.promise.id))),
        stores=tuple(_seen(given, name) for name in given.datamap.stores),
        rules=made_from.rules,
        structure=dict(made_from.structure),
        only=blocks,
        own=given.own,
    )


def as_json(report: Report) -> dict[str, object]:
    """Turn a report into plain values (`troth.check/1`); equal reports give equal values."""
    return {
        "format": FORMAT,
        "organisation": report.organisation,
        "at": report.at.isoformat(),
        "simulation": report.simulation,
        "only": list(report.only),
        "exit_code": report.exit_code,
        "totals": {str(status): number for status, number in report.totals.items()},
        "attested": report.attested,
        "stores": [
            {"name": s.name, "looked_at": s.at.isoformat() if s.at else None, "trouble": s.trouble}
            for s in report.stores
        ],
        "ledger": _own(report.own),
        "rules": report.rules,
        "structure": dict(report.structure),
        "results": [_result(r) for r in report.results],
    }


def _own(own: Own | None) -> dict[str, object] | None:
    return {"staff": own.staff, "holds": own.holds, "overdue": own.overdue} if own else None


def _seen(given: Given, name: str) -> StoreSeen:
    look = given.looks.get(name)
    return StoreSeen(name=name, at=look.at if look else None, trouble=look.trouble if look else "")


def _attested(result: Result, given: Given) -> Result:
    """Add the statement that stands for a promise and has not run out."""
    today = given.world.at.date()
    live = [a for a in given.policy.attested if a.until >= today and result.promise.covered_by(a.promise)]
    if not live:
        return result
    longest = max(live, key=lambda a: a.until)
    return replace(result, attested=Attested(by=longest.by, until=longest.until))


def place(result: Result) -> str:
    """Name the source line of a promise, as `policy.yaml:12`."""
    span = result.promise.span
    return f"{span.file}:{span.line}" if span else ""


def _row(result: Result) -> Row:
    oldest = result.oldest
    stands = result.attested
    return Row(
        id=result.promise.id,
        status=result.status,
        number=f"{result.rows:,}" if result.offences else "",
        oldest=oldest.oldest.isoformat() if oldest and oldest.oldest else "",
        why=result.why,
        place=place(result),
        says=result.promise.says,
        attested=f"{stands.by}, until {stands.until.isoformat()}" if stands else "",
        unbuilt=bool(result.reasons) and all(reason.code == "not-built" for reason in result.reasons),
    )


def _result(result: Result) -> dict[str, object]:
    promise, oldest, stands = result.promise, result.oldest, result.attested
    return {
        "promise": promise.id,
        "block": promise.block,
        "title": promise.title,
        "says": list(promise.says),
        "file": promise.span.file if promise.span else None,
        "line": promise.span.line if promise.span else None,
        "status": str(result.status),
        "rows": result.rows,
        "oldest": _offence(oldest) if oldest else None,
        "offences": [_offence(o) for o in result.offences],
        "reasons": [_reason(r) for r in result.reasons],
        "grounds": [_ground(g) for g in result.grounds],
        "datasets": list(result.looked_at),
        "note": result.note,
        "attested": {"by": stands.by, "until": stands.until.isoformat()} if stands else None,
    }


def _offence(offence: Offence) -> dict[str, object]:
    day = offence.oldest.isoformat() if offence.oldest else None
    return {"dataset": offence.dataset, "rows": offence.rows, "oldest": day, "says": offence.says}


def _reason(reason: Reason) -> dict[str, object]:
    return {"code": reason.code, "message": reason.message, "rows": reason.rows}


def _ground(ground: Ground) -> dict[str, object]:
    return {
        "reason": ground.reason,
        "detail": ground.detail,
        "dataset": ground.dataset,
        "rows": ground.rows,
        "review": ground.review,
    }
