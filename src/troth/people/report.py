"""What a search for people found, as data and as JSON (format `troth.find/1`).

Rows are named by position unless keys are asked for; no identity stands in a report at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from troth.people.closure import Closure, Found, Row
from troth.people.places import LeftOut

FORMAT = "troth.find/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way from a dataset's rows to the people found."""

    role: str
    path: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One dataset, and how many of its rows are about the people found."""

    dataset: str
    rows: int
    ways: tuple[Way, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Report:
    """The answer to a search."""

    at: datetime
    simulation: bool
    typed: int
    limit: int
    closure: Closure
    datasets: tuple[Counted, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...] = ()
    unreachable: bool = False

    @property
    def anybody(self) -> bool:
        """Tell whether somebody was found, or a copy of what was typed."""
        return bool(self.closure.found) or any(one.rows for one in self.datasets)

    @property
    def links(self) -> dict[tuple[str, str, str], int]:
        """Count the links that were followed, by (from dataset, kind, to dataset)."""
        found: dict[tuple[str, str, str], int] = {}
        for one in self.closure.found.values():
            if one.source is not None:
                link = (one.source.dataset, one.kind, one.row.dataset)
                found[link] = found.get(link, 0) + 1
        return found


def path(steps: tuple[Found, ...]) -> str:
    """Write how a row was reached: `email 1 → app.customers → email → help.contacts`."""
    words: list[str] = []
    for step in steps:
        words += [f"{step.kind} {step.typed}" if step.typed else step.kind, step.row.dataset]
    return " → ".join(words)


def shown(row: Row) -> str:
    """Write a row with its key; only for a terminal that asked for it."""
    return f"{row.dataset}/{','.join(str(part) for part in row.key)}"


def as_json(report: Report, *, keys: bool) -> dict[str, object]:
    """Return the report as JSON; rows have their keys only when asked for."""
    closure = report.closure

    def named(row: Row | None) -> object:
        return None if row is None else shown(row) if keys else row.dataset

    return {
        "format": FORMAT,
        "at": report.at.isoformat(),
        "simulation": report.simulation,
        "typed": report.typed,
        "limit": report.limit,
        "outcome": "found" if report.anybody else "nobody-found",
        "people": [
            [
                {
                    "row": named(row),
                    "path": path(closure.path(row)),
                    "unverified": closure.found[row].claimed,
                }
                for row in rows
            ]
            for rows in closure.people
        ],
        "datasets": [
            {
                "dataset": one.dataset,
                "rows": one.rows,
                "ways": [{"role": way.role, "path": way.path, "rows": way.rows} for way in one.ways],
            }
            for one in report.datasets
        ],
        "links": [
            {"from": source, "kind": kind, "to": target, "rows": rows}
            for (source, kind, target), rows in report.links.items()
        ],
        "several": [
            {"kind": s.kind, "typed": s.typed or None, "from": named(s.source), "subjects": s.subjects}
            for s in closure.several
        ],
        "doubtful": [{"person": number, "dataset": name} for number, name in closure.doubtful],
        "nobody": [{"typed": one.number, "kind": one.kind} for one in closure.unmatched],
        "stopped": [
            {"kind": s.kind, "typed": s.typed or None, "from": named(s.source), "subjects": s.subjects}
            for s in closure.stopped
        ],
        "not-taken-in": [
            {"row": named(c.row), "kind": c.kind, "typed": c.typed or None, "from": named(c.source)}
            for c in closure.claims
        ],
        "not-looked-at": [{"what": one.what, "why": one.why} for one in report.left_out],
        "notes": list(report.notes),
    }
