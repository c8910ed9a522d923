"""`troth replay`: after a store was restored from an older copy, erase again who had been erased since."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli import erase, exits, options, returned, screen

if TYPE_CHECKING:
    from troth.app.restoring import Replayed


def replay(  # noqa: PLR0913, PLR0917 each option is a parameter
    store: Annotated[str, typer.Argument(metavar="STORE", help="The store that was restored.")],
    restored_from: Annotated[
        str,
        typer.Option(
            "--restored-from",
            metavar="COPY",
            help="backup:12, the name of a registered copy, or when it was made.",
        ),
    ],
    project: options.Project = None,
    plan: Annotated[
        Path | None, typer.Option("--plan", metavar="FILE", help="Write the plan here, to be applied.")
    ] = None,
    untouched: Annotated[
        bool,
        typer.Option(
            "--untouched", help="State that nothing was written since the restore: rows need no date then."
        ),
    ] = False,
    show_keys: Annotated[
        bool, typer.Option("--show-keys", help="Show which rows; may hold personal values.")
    ] = False,
    at: options.At = "",
    by: options.By = "",
) -> None:
    """Find the people who were erased after a copy was made, and plan their erasure; nothing is touched here."""
    from troth.app import restoring
    from troth.app.plans import files as plans

    session = options.begin(project)
    wish = restoring.Wish(
        store=store,
        restored_from=restored_from,
        untouched=untouched,
        plan=plan is not None,
        by=options.person(by),
    )
    done = restoring.replay(wish, session.folder, session.environment, session.clock, session.moment(at))
    if done.plan is not None and plan is not None:
        plans.write_erasure(plan, done.plan)
    _show(done, plan, show_keys)
    raise typer.Exit(_code(done))


def _code(done: Replayed) -> int:
    if done.found.left:
        return exits.UNPROVEN
    return exits.FOUND if done.found.to_decide else exits.DONE


def _nothing(done: Replayed) -> tuple[str, str]:
    """Say that there is nothing to plan, and no more than is known."""
    if done.found.restored:
        return "Nothing of them is left to erase.", "green"
    if done.found.left:
        return "Nobody is known to have come back, but not everything was looked at.", "yellow"
    return "Nobody came back with the copy.", "green"


def _show(done: Replayed, out: Path | None, show_keys: bool) -> None:
    made = f"{done.copy.made:%Y-%m-%d %H:%M} UTC"
    about = f" ({done.copy.set})" if done.copy.set else ""
    screen.say(f"Restored from a copy made {made}{about}", "bold")
    screen.say(f"{screen.number(done.found.tombstones)} tombstones of people erased since were looked for.\n")
    returned.show(done.found, show_keys)
    if done.plan is None:
        screen.say(*_nothing(done))
        return
    erase.tell(done.plan)
    if out is not None:
        screen.complain(f"Plan written to {out}. To carry it out: troth apply {out}\n")
    else:
        screen.say("Nothing was written. With --plan FILE the plan can be applied.")
