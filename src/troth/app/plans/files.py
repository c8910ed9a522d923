"""Plans as files and as lines for people: written whole, read back only when nothing in them was changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from troth.app import files
from troth.catalog.model import Catalog
from troth.errors import Refused
from troth.plan import codec, compare, describe, model
from troth.plan.model import Blank, ChangeFields, Coarsen, DeleteRows, Plan, Replace, Step
from troth.policy.model import Policy
from troth.problems import BadInput, Problem
from troth.rights import model as erasure
from troth.rights.model import ErasurePlan
from troth.spans import Span
from troth.stores.sql import text as sql

LARGEST = 64_000_000
TAIL = 400
"""Characters at the end of a plan in which its format stands."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}|\d{9,13}(?![\d-])")


def read(path: Path) -> Plan:
    """Read a retention plan from its file.

    Raises:
        BadInput: when it is not there, is no such plan, or was changed after it was sealed.
    """
    found = read_any(path)
    if not isinstance(found, Plan):
        raise _bad(
            path, "this is an erasure plan, which `troth plan show` and `troth apply` take", "bad-plan"
        )
    return found


def read_any(path: Path) -> Plan | ErasurePlan:
    """Read a plan of either kind from its file.

    Raises:
        BadInput: when it is not there, is no plan, or was changed after it was sealed.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise _bad(path, f"the file cannot be read ({error.strerror})", "unreadable-file") from error
    if len(data) > LARGEST:
        raise _bad(path, "the file is too large to be a plan", "too-large")
    try:
        text = data.decode()
        return erasure.load(text) if f'"{erasure.FORMAT}"' in text[-TAIL:] else model.load(text)
    except UnicodeDecodeError as error:
        raise _bad(path, "the file is not UTF-8", "bad-encoding") from error
    except codec.Undecodable as error:
        raise _bad(path, str(error), "bad-plan") from error


def write(path: Path, plan: Plan) -> None:
    """Write a plan to a file, whole or not at all."""
    files.write(path, text(plan))


def write_erasure(path: Path, plan: ErasurePlan) -> None:
    """Write an erasure plan to a file, whole or not at all."""
    files.write(path, erasure_text(plan))


def erasure_text(plan: ErasurePlan) -> str:
    """Return an erasure plan as it stands in its file."""
    return erasure.dump(plan)


def text(plan: Plan) -> str:
    """Return a plan as it stands in its file."""
    return model.dump(plan)


def day(date: str) -> str:
    """Return the day of a date as a store wrote it; nothing for what is not one, which may be personal."""
    found = _DAY.match(date)
    return found[0] if found else ""


def lines(plan: Plan) -> Iterator[tuple[str, ...]]:
    """Yield a line for each step: id, dataset, what, rows, rows of the table, oldest, newest, promises."""
    for step in plan.steps:
        tally = step.planned
        yield (
            step.id.partition("-")[0],
            step.dataset,
            what(step),
            f"{tally.rows:,}",
            f"{plan.of_table(step.dataset):,}",
            day(tally.oldest),
            day(tally.newest),
            ", ".join(step.promises),
        )


def what(step: Step) -> str:
    """Say in a few words what a step does."""
    if isinstance(step, DeleteRows):
        return "delete rows"
    names = ", ".join(c.column for c in step.changes)
    if step.why == "detach":
        return f"cut link: {names}"
    if step.why == "unlink":
        return f"unlink: {names}"
    return _changes(step)


def _changes(step: ChangeFields) -> str:
    verbs = {Blank: "blank", Replace: "replace", Coarsen: "coarsen"}
    found: dict[str, list[str]] = {}
    for change in step.changes:
        found.setdefault(verbs[type(change)], []).append(change.column)
    return "; ".join(f"{verb} {', '.join(columns)}" for verb, columns in found.items())


def sentences(plan: Plan, policy: Policy | None = None) -> tuple[str, ...]:
    """Tell a plan in sentences; with the policy at hand in the words of its rules."""
    return tuple(describe.plan(plan, policy))


def difference(a: Plan, b: Plan) -> tuple[str, ...]:
    """Return what changed from one plan to another, line by line; nothing where they would do the same."""
    return compare.compare(a, b)


def statements(plan: Plan, catalogs: Mapping[str, Catalog]) -> Iterator[tuple[Step, str]]:
    """Yield each step with its SQL, constants written in, as one statement over the whole table.

    Raises:
        Refused: when a store of the plan is not in this project.
    """
    for step in plan.steps:
        catalog = catalogs.get(step.dataset.partition(".")[0])
        if catalog is None or catalog.dataset(step.dataset) is None:
            raise Refused(
                f"Step {step.id} is about {step.dataset}, which is not there any more.",
                hint="Run troth plan again: the structure has changed since this plan was made.",
            )
        yield step, sql.statement(catalog, step)


def _bad(path: Path, what: str, code: str) -> BadInput:
    problem = Problem(
        code=code,
        message=f"A plan as `troth plan retention --out` or `troth erase --plan` writes it was expected; {what}.",
        span=Span(str(path)),
        hint="Make the plan again; a plan is never edited by hand.",
    )
    return BadInput([problem])
