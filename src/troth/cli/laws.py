"""`troth laws` and `troth clock`: what the laws say on a day, and by when they want something done."""

from __future__ import annotations

import json
import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from troth.cli import group as groups
from troth.cli import screen

if TYPE_CHECKING:
    from troth.app.laws import Shown, Told
    from troth.laws.due import Clocked
    from troth.laws.model import Duty, Move, Pack, Right, Term

group = groups.make("Show what the laws say.")


class Format(StrEnum):
    """How the answer is written."""

    TEXT = "text"
    JSON = "json"


At = Annotated[str, typer.Option("--at", metavar="T", help="The day the law is asked for; by default today.")]


@group.callback(invoke_without_command=True)
def laws(context: typer.Context) -> None:
    """List the laws that have a pack."""
    if context.invoked_subcommand is None:
        listed()


@group.command("list", short_help="List the laws that have a pack.")
def listed(
    format: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.TEXT,
) -> None:
    """List the laws that have a pack, as `troth laws` alone does."""
    from troth.app import laws as app

    found = app.listed()
    if format is Format.JSON:
        screen.write(json.dumps([_pack(pack) for pack in found], indent=1, ensure_ascii=False) + "\n")
        return
    rows = [(pack.law, pack.name, str(pack.from_), screen.number(len(pack.rules))) for pack in found]
    screen.table(("law", "name", "from", "rules"), rows, right=(3,))


@group.command("show", short_help="Show the rules of a law on a day.")
def show(
    law: Annotated[str, typer.Argument(metavar="LAW", help="A name that `troth laws` lists.")],
    at: At = "",
    format: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.TEXT,
) -> None:
    """Show the rules of a law that are in force on a day, and how sure each is."""
    from troth.app import clock as times
    from troth.app import laws as app

    shown = app.show(law, times.moment(times.of(os.environ), at).at.date())
    if format is Format.JSON:
        screen.write(json.dumps(_shown(shown), indent=1, ensure_ascii=False) + "\n")
    else:
        _show(shown)


def clock(  # noqa: PLR0913, PLR0917 each option is a parameter
    law: Annotated[list[str], typer.Option("--law", metavar="LAW", help="Under which law; may be repeated.")],
    event: Annotated[str, typer.Option("--event", metavar="E", help="Right and act: access.respond.")],
    received: Annotated[
        str, typer.Option("--received", metavar="T", help="When it came in: ISO 8601, with its zone.")
    ] = "",
    place: Annotated[
        list[str] | None,
        typer.Option("--place", metavar="P", help="Where it is to be done: GB-EAW, EU-FR; may be repeated."),
    ] = None,
    event_log: Annotated[
        Path | None, typer.Option("--event-log", metavar="FILE", help="More events, as a YAML file.")
    ] = None,
    reading: Annotated[
        str, typer.Option("--reading", metavar="R", help="Another way to read the law, as its pack names it.")
    ] = "",
    at: Annotated[
        str, typer.Option("--at", metavar="T", help="The instant the clock is asked at; by default now.")
    ] = "",
    format: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.TEXT,
) -> None:
    """Say by when the law wants something done: the legal end, the safe one, and the rules used."""
    from troth.app import clock as times
    from troth.app import laws as app

    wish = app.Wish(
        laws=tuple(law),
        event=event,
        received=received,
        places=tuple(place or ()),
        reading=reading,
        log=event_log,
    )
    told = app.clocks(wish, times.moment(times.of(os.environ), at).at)
    if format is Format.JSON:
        screen.write(json.dumps(_told(told), indent=1, ensure_ascii=False) + "\n")
    else:
        _tell(told)


def _show(shown: Shown) -> None:
    pack = shown.pack
    screen.say(f"{pack.law}: {pack.name}, on {shown.day}", "bold")
    screen.say(f"Read on {pack.read_on}: {pack.source}.", "dim")
    rows = [(r.id, _says(r), r.article, r.sure) for r in shown.rules]
    if rows:
        screen.say()
        screen.table(("rule", "says", "article", "sure"), rows)
    else:
        screen.say(f"Not law on {shown.day}; it is from {pack.from_}.", "yellow")
    for rule in shown.to_come:
        screen.say(f"From {rule.from_ or pack.from_}: {rule.id} ({rule.article})", "yellow")
    for rule in shown.gone:
        screen.say(f"Until {rule.until}: {rule.id} ({rule.article})", "dim")
    for one in pack.open:
        screen.say(f"Open: {one}", "yellow")


def _says(rule: Any) -> str:
    from troth.laws import model

    match rule:
        case model.Term():
            return _term(rule)
        case model.Move():
            return _move(rule)
        case model.Right():
            return _right(rule)
        case _:
            return _duty(rule)


def _term(term: Term) -> str:
    days = " business days" if term.days == "business" else ""
    takes = str(term.takes).removesuffix(" days") + days if days else str(term.takes)
    extended = f", extended {term.extended}" if term.extended else ""
    of = ", ".join(term.of)
    return (
        f"{term.act} within {takes}{extended}: {of}" if term.sense == "by" else f"{term.act}, {takes}: {of}"
    )


def _move(move: Move) -> str:
    only = f", only in the reading {move.only_in}" if move.only_in else ""
    return f"{move.on}: {move.effect}{only}"


def _right(right: Right) -> str:
    identity = f"identity {right.identity.level}" if right.identity else ""
    return "; ".join(part for part in (f"right to {right.right}", identity, right.fee) if part)


def _duty(duty: Duty) -> str:
    return f"{duty.topic}: {duty.says}"


def _tell(told: Told) -> None:
    if len(told.clocks) > 1 and told.first:
        screen.say(f"Act by {told.first.safe}, under {told.first.pack.law}.\n", "bold")
    for one in told.clocks:
        _one(one)
    for law in told.silent:
        screen.say(f"{law} has no such term.", "yellow")


def _one(one: Clocked) -> None:
    screen.say(f"{one.pack.law} {one.event} at {one.place}", "bold")
    rows = [(one.event, str(one.legal), str(one.safe))]
    rows += [(other.event, str(other.legal), str(other.safe)) for other in one.beside]
    screen.table(("term", "legal", "safe"), rows)
    for step in one.trace:
        mark = f"  [{step.article}; {step.sure}]" if step.article else ""
        screen.say(f"  {step.says}{mark}")
    screen.say()


def _pack(pack: Pack) -> dict[str, object]:
    return {
        "law": pack.law,
        "name": pack.name,
        "from": pack.from_.isoformat(),
        "read-on": pack.read_on.isoformat(),
        "rules": len(pack.rules),
    }


def _shown(shown: Shown) -> dict[str, object]:
    rules = [rule.model_dump(mode="json", by_alias=True, exclude_defaults=True) for rule in shown.rules]
    return {
        **_pack(shown.pack),
        "at": shown.day.isoformat(),
        "source": shown.pack.source,
        "open": list(shown.pack.open),
        "rules": rules,
    }


def _told(told: Told) -> dict[str, object]:
    return {
        "format": "troth.clock/1",
        "act-by": str(told.first.safe) if told.first else None,
        "under": told.first.pack.law if told.first else None,
        "clocks": [_clock(one) for one in told.clocks],
        "no-such-term": list(told.silent),
    }


def _clock(one: Clocked) -> dict[str, object]:
    return {
        "law": one.pack.law,
        "event": one.event,
        "place": one.place,
        "legal": str(one.legal),
        "safe": str(one.safe),
        "beside": [{"event": b.event, "legal": str(b.legal), "safe": str(b.safe)} for b in one.beside],
        "trace": [{"rule": s.rule, "article": s.article, "sure": s.sure, "says": s.says} for s in one.trace],
    }
