"""What was found of the person of a request, place by place, none included; what goes, what stays and why.

Read off the plan or the package in the request's drawer, which name no person: places, columns, rules and counts.
The ways by which rows lead to people are kept beside them, for only a look at the stores can tell them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from troth.app.casework import planning
from troth.app.casework import ways as wayside
from troth.app.casework.deciding import KEEPS
from troth.app.casework.desk import Desk
from troth.app.casework.drawers import PACKAGE
from troth.cases.case import Case
from troth.errors import Refused
from troth.rights import describe, export_manifest
from troth.rights.export import REASONS
from troth.rights.model import ErasurePlan, Spared


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """One place that was looked at."""

    dataset: str
    rows: int
    ways: tuple[str, ...] = ()
    withheld: tuple[tuple[str, int], ...] = ()
    """Reason and rows that are not handed out."""
    left_out: str = ""
    """Why nothing of it is handed out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stays:
    """Something that stays, and why."""

    says: str
    until: str
    """Empty where nobody can say."""
    review: str
    for_person: bool
    """It stays for a ground the person must be told of; everything else is how rows hang together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a request comes to."""

    people: int
    looked: tuple[Looked, ...]
    goes: tuple[str, ...] = ()
    stays: tuple[Stays, ...] = ()
    tasks: tuple[str, ...] = ()
    unlooked: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    gone: str = ""
    """Why the plan or package is not at hand any more; empty where it is."""

    @property
    def hits(self) -> tuple[Looked, ...]:
        """Places with something in them."""
        return tuple(one for one in self.looked if one.rows or one.withheld or one.left_out)

    @property
    def bare(self) -> tuple[Looked, ...]:
        """Places that were looked at and had nothing."""
        return tuple(one for one in self.looked if one not in self.hits)

    @property
    def withheld(self) -> bool:
        """Tell whether something of what was found is not handed out."""
        return any(one.withheld or one.left_out for one in self.looked)

    @property
    def rows(self) -> int:
        """Count what was found."""
        return sum(one.rows for one in self.looked)


def found(desk: Desk, case: Case) -> Found | None:
    """Return what a request comes to; None where nobody worked it out."""
    planned = case.last("planned")
    if planned is None:
        return None
    people_ = _count(planned.body.get("people"))
    ways = wayside.read(desk, case)
    if "plan" in planned.body:
        try:
            return _of_plan(planning.plan_of(desk, case), ways)
        except Refused as gone:
            return Found(people=people_, looked=(), gone=gone.message)
    manifest = _manifest(desk.drawer(case) / PACKAGE / export_manifest.MANIFEST)
    if manifest is None:
        why = "The package is not kept once the request is over." if people_ else ""
        return Found(people=people_, looked=(), gone=why)
    return _of_package(manifest, people_, ways)


def _of_plan(plan: ErasurePlan, ways: Mapping[str, Sequence[str]]) -> Found:
    return Found(
        people=plan.people,
        looked=tuple(
            Looked(dataset=name, rows=rows, ways=tuple(ways.get(name, ()))) for name, rows in plan.counted
        ),
        goes=tuple(describe.step(one) for one in plan.steps),
        stays=tuple(_stays(one) for one in plan.spared),
        tasks=tuple(describe.task(one) for one in plan.tasks),
        unlooked=tuple((one.what, one.why) for one in plan.unlooked),
        warnings=plan.warnings,
    )


def _stays(one: Spared) -> Stays:
    return Stays(
        says=describe.spared(one), until=one.ends, review=one.review[:10], for_person=one.reason in KEEPS
    )


def _of_package(manifest: Mapping[str, Any], people_: int, ways: Mapping[str, Sequence[str]]) -> Found:
    return Found(
        people=people_,
        looked=tuple(
            Looked(
                dataset=str(one["dataset"]),
                rows=_count(one.get("rows")),
                ways=tuple(ways.get(str(one["dataset"]), ())),
                withheld=tuple((_why(why), _count(n)) for why, n in (one.get("withheld") or {}).items()),
                left_out=_why(one.get("left-out") or ""),
            )
            for one in manifest["datasets"]
        ),
        unlooked=tuple((str(one["what"]), str(one["why"])) for one in manifest["not-looked-at"]),
    )


def _why(reason: str) -> str:
    return next((words for code, words in REASONS.items() if code == reason), reason)


def _manifest(path: Path) -> Mapping[str, Any] | None:
    try:
        found_: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found_


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0
