"""`troth grants` and `troth catalog`: what a store gives to Troth, and what it looks like."""

from __future__ import annotations

from typing import Annotated

import typer

from troth.cli import options, screen


def grants(
    store: Annotated[str, typer.Option("--store", help="The store, as the data map calls it.")],
    project: options.Project = None,
) -> None:
    """Print the SQL for two least-privilege roles: one that looks, one that applies."""
    from troth.app import describing

    session = options.begin(project)
    screen.write(describing.grants(session.folder, session.environment, session.clock, store))


def catalog(
    store: Annotated[str, typer.Option("--store", help="One store; all of them when left out.")] = "",
    project: options.Project = None,
) -> None:
    """Show each store's structure fingerprint and what the data map does not speak of."""
    from troth.app import describing

    session = options.begin(project)
    for found in describing.catalog(session.folder, session.environment, session.clock, store):
        screen.say(f"{found.store} ({found.dialect}): {found.tables} tables, {found.mapped} mapped", "bold")
        screen.say(f"  structure {found.fingerprint}", "dim")
        for problem in found.undeclared:
            screen.say(f"  {problem.code} {problem.about}", "yellow")
        if not found.undeclared:
            screen.say("  everything is declared")
