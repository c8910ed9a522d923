"""A report as evidence entries: one per promise, and one with the totals, tied together by the report's hash.

A simulation is never evidence. Nothing is appended here: the ledger does that.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time

from troth.errors import Refused
from troth.evidence.entry import Entry
from troth.evidence.fields import MAX_ITEMS, place
from troth.evidence.instants import instant
from troth.plan.frozen import digest
from troth.promises.report import Report
from troth.promises.results import Result, Status


def entries(report: Report, *, at: datetime, by: str = "system") -> tuple[Entry, ...]:
    """Make the entries of a report: a `check.result` per promise, then one `check.finished`.

    Args:
        report: What was found.
        at: When the entries are written.
        by: Who ran the check, as a staff reference or `system`.

    Raises:
        Refused: the report is a simulation.
    """
    if report.simulation:
        raise Refused(
            "A check for another instant than now is a simulation, and no evidence.",
            hint="Run troth check without --at to keep evidence of it.",
        )
    each = (Entry(kind="check.result", at=at, body=_result(report, r)) for r in report.results)
    return (*each, Entry(kind="check.finished", at=at, body=finished(report, by=by)))


def finished(report: Report, *, by: str = "system") -> dict[str, object]:
    """Return the body of `check.finished`: counts by status, and the report's hash as the run's reference."""
    totals = report.totals
    return {
        **_common(report),
        "kept": totals[Status.KEPT],
        "broken": totals[Status.BROKEN],
        "not_triggered": totals[Status.NOT_TRIGGERED],
        "unproven": totals[Status.UNPROVEN],
        "attested": report.attested,
        "exit_code": report.exit_code,
        "by": by,
    }


def _common(report: Report) -> dict[str, object]:
    return {
        "policy": report.rules,
        "catalog": digest(dict(sorted(report.structure.items()))),
        "checked": instant(report.at),
        "run": f"check:{report.hash}",
    }


def _result(report: Report, result: Result) -> dict[str, object]:
    return {
        **_common(report),
        "promise": result.promise.id,
        "status": str(result.status),
        "rows": result.rows,
        "kept_rows": sum(ground.rows for ground in result.grounds),
        "not_started": result.of_rows("not-started"),
        **dict(_lists(result)),
        **dict(_oldest(result)),
    }


def _lists(result: Result) -> Iterator[tuple[str, list[str]]]:
    datasets = [place(*name.split(".")) for name in result.looked_at]
    says = [fingerprint.partition("@")[0] for fingerprint in result.promise.says]
    reasons = list(dict.fromkeys(reason.code for reason in result.reasons))
    for name, values in (("reasons", reasons), ("datasets", datasets), ("says", says)):
        if values:
            yield name, values[:MAX_ITEMS]


def _oldest(result: Result) -> Iterator[tuple[str, str]]:
    oldest = result.oldest
    if oldest and oldest.oldest:
        yield "oldest", instant(datetime.combine(oldest.oldest, time(), UTC))
