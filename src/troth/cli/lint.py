"""`troth lint`: every fault and every finding of a project, at once."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli import exits, options, screen

if TYPE_CHECKING:
    from troth.app.linting import Linted


class Format(StrEnum):
    """How problems are written."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


def lint(
    project: options.Project = None,
    format: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.TEXT,
    strict: Annotated[bool, typer.Option("--strict", help="Leave with 2 on open findings too.")] = False,
    all: Annotated[
        bool, typer.Option("--all", help="Also list what was accepted and what is not looked for.")
    ] = False,
    at: options.At = "",
) -> None:
    """Check the project's files: faults stop everything, findings are shown and may be accepted."""
    from troth.app import linting
    from troth.grammar import render

    session = options.begin(project)
    linted = linting.lint(session.folder, session.moment(at).at.date())
    match format:
        case Format.JSON:
            screen.write(render.render_json(linted.problems))
        case Format.GITHUB:
            screen.write(render.render_github(linted.problems))
        case Format.TEXT:
            screen.write(render.render_text(linted.problems, linted.sources))
            _rest(linted, all=all)
    bad = linted.faults or (strict and linted.problems)
    raise typer.Exit(exits.INPUT if bad else exits.DONE)


def _rest(linted: Linted, *, all: bool) -> None:
    """Say what was accepted, and what nobody looks for yet."""
    accepted, unbuilt = linted.accepted, linted.not_built
    if accepted:
        screen.say(f"{len(accepted)} accepted:" if all else f"{len(accepted)} accepted (--all lists them).")
    for problem, acceptance in accepted if all else ():
        about = f" {problem.about}" if problem.about else ""
        screen.say(
            f"  {problem.code}{about}: by {acceptance.owner} until {acceptance.until}: {acceptance.reason}"
        )
    if unbuilt:
        screen.say(
            f"{len(unbuilt)} known contradictions are not looked for yet{':' if all else ' (--all lists them).'}"
        )
    for conflict in unbuilt if all else ():
        screen.say(f"  {conflict.id}: {conflict.not_built}")
