"""`troth doctor`: everything that is wrong with an installation, at once, each with what to do."""

from __future__ import annotations

import json
from dataclasses import asdict

import typer

from troth.cli import options, request_input, screen

MARKS = {"good": "ok", "note": "note", "wrong": "WRONG"}
COLOURS = {"good": "green", "note": "yellow", "wrong": "bold red"}


def doctor(project: options.Project = None, format: request_input.As = request_input.Format.TEXT) -> None:
    """Look at project, ledger, keys, stores, mail, packages, clock and disk; change nothing."""
    from troth.app import doctor as doctors

    session = options.begin(project)
    found = doctors.examine(request_input.where(session))
    if format is request_input.Format.JSON:
        screen.write(json.dumps([asdict(one) for one in found], indent=1, ensure_ascii=False) + "\n")
    else:
        width = max(len(one.part) for one in found)
        for one in found:
            screen.say(f"{MARKS[one.state]:5}  {one.part:{width}}  {one.says}", COLOURS[one.state])
            if one.to_do:
                screen.say(f"{'':5}  {'':{width}}  to do: {one.to_do}")
        bad = sum(one.state == "wrong" for one in found)
        screen.say()
        screen.say(f"{bad} wrong." if bad else "Nothing is wrong.")
    raise typer.Exit(doctors.exit_code(found))
