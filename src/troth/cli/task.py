"""`troth task`: what rights leave to people."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli import group as groups
from troth.cli import options, screen
from troth.problems import BadInput, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from troth.ledger.tasks import TaskRecord

group = groups.make("Do by hand what no program can, and say so.")


class Format(StrEnum):
    """How the list is written."""

    TEXT = "text"
    JSON = "json"


@group.command("list", short_help="List the tasks that wait.")
def listed(
    project: options.Project = None,
    every: Annotated[bool, typer.Option("--all", help="List also what is done.")] = False,
    format: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.TEXT,
) -> None:
    """List what rights leave to people, the earliest due first."""
    from troth.app import tasks

    session = options.begin(project)
    found = tasks.listed(session.folder, session.environment, session.clock, every=every)
    today = session.clock.now().date()
    if format is Format.JSON:
        screen.write(json.dumps([_as_json(task) for task in found], indent=1) + "\n")
    elif found:
        rows = [
            (
                str(t.id),
                _state(t, today),
                t.due.isoformat(),
                t.store,
                t.what,
                t.plan if ":" in t.plan else t.plan[:12],
            )
            for t in found
        ]
        screen.table(("task", "is", "due", "store", "what", "of"), rows, right=(0,))
    else:
        screen.say("No task waits.")


@group.command("done", short_help="Say that tasks are done.")
def done(
    numbers: Annotated[list[str], typer.Argument(metavar="TASK", help="Numbers of tasks, as listed.")],
    project: options.Project = None,
    by: options.By = "",
) -> None:
    """Say, by name, that tasks are done; apply their plan again to look once more and finish."""
    from troth.app import tasks

    session = options.begin(project)
    ids = [_number(text) for text in numbers]
    ended = tasks.done(ids, session.folder, session.environment, session.clock, by=options.person(by))
    what = "Task" if len(ids) == 1 else "Tasks"
    of_plans = any(":" not in task.plan for task in ended)
    again = " Apply the plan again: it looks once more and finishes." if of_plans else ""
    screen.say(f"{what} {', '.join(map(str, ids))} done.{again}")


def say_waiting(tasks: Sequence[TaskRecord]) -> None:
    """Say what waits to be done by hand, with the numbers by which it is said to be done."""
    for one in tasks:
        screen.say(f"Task {one.id}, due {one.due}: {one.what}", "yellow")


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise BadInput(
            [
                Problem(
                    code="bad-value",
                    message="A task is named by its number.",
                    found=text,
                    hint="Take it from the first column of `troth task list`.",
                )
            ]
        )
    return int(text)


def _state(task: TaskRecord, today: date) -> str:
    if task.done_at:
        return "done"
    return "overdue" if task.due < today else "waits"


def _as_json(task: TaskRecord) -> dict[str, object]:
    return {
        "id": task.id,
        "plan": task.plan,
        "store": task.store,
        "what": task.what,
        "due": task.due.isoformat(),
        "done": task.done_at.isoformat() if task.done_at else None,
    }
