"""`troth export`: one person's data, or many people's, as a signed package; and the check of such a package."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli import exits, identities, options, screen

if TYPE_CHECKING:
    from troth.app.export.make import Exported, Package
    from troth.app.export.people import Format
    from troth.rights.export_manifest import Count

MOST_SHOWN = 20
FORMATS: tuple[Format, ...] = ("json", "csv", "html")


def export(  # noqa: PLR0913, PLR0917 each option is a parameter
    identity: identities.Given = None,
    project: options.Project = None,
    source: identities.Source = "",
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FOLDER", help="Where the package goes; nothing may be there yet."),
    ] = None,
    portability: Annotated[
        bool,
        typer.Option(
            "--portability", help="Only what the person provided, by consent or contract (GDPR Art. 20)."
        ),
    ] = False,
    format: Annotated[
        str, typer.Option("--format", metavar="LIST", help="Which files: json, csv, html, or several.")
    ] = "json,csv,html",
    incomplete: Annotated[
        bool,
        typer.Option("--incomplete", help="Make a package though a store does not answer; it says so."),
    ] = False,
    joined: Annotated[
        bool,
        typer.Option(
            "--joined", help="Several rows of one kind of subject are one person's: take them as one."
        ),
    ] = False,
    limit: identities.Limit = 20,
    region: identities.Region = "",
    at: options.At = "",
    by: options.By = "",
    verify: Annotated[
        Path | None,
        typer.Option(
            "--verify", metavar="FOLDER", help="Make nothing: check a package, or one person's folder."
        ),
    ] = None,
    key: Annotated[
        str,
        typer.Option(
            "--key", metavar="KEY", help="With --verify: public key to check by, or a file with it."
        ),
    ] = "",
) -> None:
    """Export everything about people: files to read, to hand over and to check; what is withheld says why."""
    session = options.begin(project)
    if verify is not None:
        raise typer.Exit(_verify(verify, session, key))
    from troth.app import wishes
    from troth.app.export import make as exporting

    if out is None:
        raise typer.BadParameter("Name a folder for the package.", param_hint="--out")
    package = exporting.Package(
        out=out,
        formats=_formats(format),
        variant="portability" if portability else "access",
        incomplete=incomplete,
        joined=joined,
        by=options.person(by),
    )
    wish = wishes.Wish(lines=identities.lines(identity or (), source), limit=limit, region=region)
    made = exporting.export(
        wish, package, session.folder, session.environment, session.clock, session.moment(at)
    )
    _show(made, package)
    if made.unreachable:
        raise typer.Exit(exits.STORE)
    raise typer.Exit(exits.DONE if made.anybody else exits.FOUND)


def _formats(text: str) -> tuple[Format, ...]:
    wanted = [part.strip().lower() for part in text.split(",") if part.strip()]
    if not wanted or not set(wanted) <= set(FORMATS):
        raise typer.BadParameter(f"Expected some of {', '.join(FORMATS)}.", param_hint="--format")
    return tuple(one for one in FORMATS if one in wanted)


def _verify(folder: Path, session: options.Session, key: str) -> int:
    from troth.app.export import check as export_check

    found = export_check.check(folder, session.folder, session.environment, session.clock, key)
    for fault in found.faults[:MOST_SHOWN]:
        screen.say(f"Not verified: {fault}", "bold red")
    _more(len(found.faults), "faults")
    if found.faults:
        return exits.FOUND
    kinds = {"access": "Everything about the person", "portability": "What the person provided"}
    people = f", {screen.number(found.people)} people" if found.people > 1 else ""
    screen.say(f"Verified: {screen.number(found.files)} files{people}, made {found.made}.", "green")
    screen.say(f"{kinds.get(found.variant, found.variant)}; signed by {found.key}.")
    for words, said in (("incomplete", found.incomplete), ("a simulation", found.simulation)):
        if said:
            screen.say(f"The package says that it is {words}.", "yellow")
    return exits.DONE


def _show(made: Exported, package: Package) -> None:
    simulation = "SIMULATION: " if made.simulation else ""
    if not made.anybody:
        screen.say(
            f"{simulation}Nobody was found, so there is no package. That does not say nothing is there.\n",
            "bold",
        )
    else:
        people = [folder for folder in made.folders if folder.name]
        who = "1 person" if len(people) == 1 else f"{screen.number(len(people))} people"
        screen.say(
            f"{simulation}{_rows(made.rows)} about {who}, in {screen.number(made.files)} files: "
            f"{package.out}\n",
            "bold",
        )
        _people(made)
    rows = [(one.dataset, screen.number(one.rows), _withheld(one)) for one in made.counts]
    if rows:
        screen.table(("dataset", "rows", "withheld"), rows, right=(1,))
        screen.say()
    nobody = [folder for folder in made.folders if not folder.name] if made.anybody else []
    if nobody:
        screen.say(
            f"Nothing was found of: {', '.join(_asked(f.asked) for f in nobody[:MOST_SHOWN])}", "yellow"
        )
        _more(len(nobody), "people")
    if made.unmatched:
        names = ", ".join(f"{one.kind} {one.number}" for one in made.unmatched[:MOST_SHOWN])
        screen.say(f"No person's own row has: {names}. Copies of it were looked for all the same.", "yellow")
        _more(len(made.unmatched), "identities")
    for gap in made.unlooked:
        screen.say(f"Not looked at: {gap.what}: {gap.why}", "yellow")
    for note in made.notes:
        screen.say(f"Note: {note}", "yellow")
    for name in made.leftovers:
        screen.say(
            f"An export to this place was stopped and left {name} with personal data: delete it.",
            "bold yellow",
        )


def _withheld(one: Count) -> str:
    if one.left_out is not None:
        return f"all: {one.left_out}"
    return ", ".join(f"{screen.number(rows)} {reason}" for reason, rows in one.withheld.items())


def _rows(count: int) -> str:
    return f"{screen.number(count)} row{'' if count == 1 else 's'}"


def _people(made: Exported) -> None:
    people = [folder for folder in made.folders if folder.name]
    rows = [(one.name, _asked(one.asked), screen.number(one.rows)) for one in people[:MOST_SHOWN]]
    screen.table(("folder", "asked for by", "rows"), rows, right=(2,))
    _more(len(people), "people")
    screen.say()


def _asked(numbers: Sequence[int]) -> str:
    return f"identity {', '.join(map(str, numbers))}" if numbers else "links"


def _more(count: int, what: str) -> None:
    if count > MOST_SHOWN:
        screen.say(f"… and {screen.number(count - MOST_SHOWN)} more {what}.")
