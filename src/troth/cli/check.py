"""`troth check`: every promise with its status, and why."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli import options, screen

if TYPE_CHECKING:
    from troth.promises.report import Report, Row


class Format(StrEnum):
    """How the result is written."""

    TABLE = "table"
    JSON = "json"
    HTML = "html"


def check(
    project: options.Project = None,
    at: options.At = "",
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="BLOCK", help="Check this block alone, as retention."),
    ] = None,
    format: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.TABLE,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write it here instead of to the terminal.")
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="List also the promises whose mechanism is not built yet.")
    ] = False,
    by: options.By = "",
) -> None:
    """Check every promise of the policy against the stores: kept, broken, not triggered or unproven."""
    from troth.app import checking, files

    session = options.begin(project)
    made = checking.check(
        session.folder,
        session.environment,
        session.clock,
        session.moment(at),
        only=tuple(only or ()),
        by=options.person(by),
    )
    if format is Format.TABLE and out is None:
        _show(made, every=every)
    elif out is None:
        screen.write(_written(made, format))
    else:
        files.write(out, _written(made, format))
        screen.complain(f"Report written to {out}.\n")
    raise typer.Exit(made.exit_code)


def _written(report: Report, format: Format) -> str:
    from troth.promises import page
    from troth.promises import report as reports

    match format:
        case Format.HTML:
            return page.render(report)
        case Format.JSON:
            return json.dumps(reports.as_json(report), indent=1, ensure_ascii=False) + "\n"
        case Format.TABLE:
            return screen.captured(lambda: _show(report, every=True))


def _show(report: Report, *, every: bool) -> None:
    kind = "SIMULATION for" if report.simulation else "as of"
    at = report.at.isoformat()[:16].replace("T", " ")
    screen.say(f"Promises of {report.organisation}, {kind} {at} UTC\n", "bold")
    rows = [row for row in report.rows() if every or not row.unbuilt]
    screen.table(("status", "promise", "rows", "oldest", "why", "written in"), map(_row, rows), right=(2,))
    if hidden := len(report.results) - len(rows):
        screen.say(
            f"{hidden} more are unproven, for what would prove them is not built yet (--all lists them)."
        )
    for store in report.stores:
        if store.trouble:
            screen.say(f"Store {store.name} was not looked at: {store.trouble}", "bold red")
    if report.own:
        screen.say(f"Troth's own ledger: {report.own}.")
    counts = ", ".join(f"{number} {status}" for status, number in report.totals.items())
    beside = f"; {report.attested} attested" if report.attested else ""
    screen.say(f"\n{counts}{beside}.", "bold")


def _row(row: Row) -> tuple[str, ...]:
    attested = f" (attested by {row.attested})" if row.attested else ""
    why = f"{row.why}{attested}".replace("; ", ";\n")
    return (str(row.status), row.id, row.number, row.oldest, why, row.place)
