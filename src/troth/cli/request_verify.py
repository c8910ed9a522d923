"""`troth request verify`: proof of identity, one step a call; without one, what may be asked and what is shown.

Facts, codes and papers come from files or standard input where they should not stand in the process list.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli import exits, options, request_input, screen

if TYPE_CHECKING:
    from collections.abc import Callable

    from troth.app.proving.identity import Place, Proving
    from troth.app.requests.opening import Doing

    Step = Callable[[], Proving]


def verify(  # noqa: PLR0913, PLR0917 each option is a parameter
    case: request_input.Case,
    project: options.Project = None,
    ask: Annotated[
        str,
        typer.Option(
            "--ask",
            metavar="MEANS",
            help="Ask for it: login, code, points, declaration, document, authority or parent.",
        ),
    ] = "",
    because: Annotated[
        str, typer.Option("--because", metavar="TEXT", help="Why; sealed, and in the letter that asks.")
    ] = "",
    minutes: Annotated[
        int, typer.Option("--minutes", metavar="N", min=1, help="How long a code can be given.")
    ] = 15,
    code: Annotated[str, typer.Option("--code", metavar="CODE", help="The code the person gave.")] = "",
    point: Annotated[
        list[str] | None,
        typer.Option("--point", metavar="FACT:VALUE", help="A fact the person stated; repeatable."),
    ] = None,
    points: Annotated[
        str, typer.Option("--points", metavar="FILE", help="Facts, one a line; - is standard input.")
    ] = "",
    disputed: Annotated[
        list[str] | None,
        typer.Option("--disputed", metavar="FACT", help="A fact in dispute: it proves nothing; repeatable."),
    ] = None,
    accept: Annotated[
        str,
        typer.Option("--accept", metavar="MEANS", help="Say that it was shown: login, document or no-doubt."),
    ] = "",
    declaration: Annotated[
        str, typer.Option("--declaration", metavar="FILE", help="The signed declaration that came.")
    ] = "",
    authority: Annotated[
        str, typer.Option("--authority", metavar="FILE", help="The permission an agent showed.")
    ] = "",
    attorney: Annotated[
        bool, typer.Option("--power-of-attorney", help="With --authority: it is one, nothing more is asked.")
    ] = False,
    parent: Annotated[
        bool, typer.Option("--parent", help="Whoever asks is the parent; --because says what shows it.")
    ] = False,
    paper: Annotated[
        str, typer.Option("--paper", metavar="FILE", help="Keep a document that came, encrypted and apart.")
    ] = "",
    read: Annotated[
        int, typer.Option("--read", metavar="N", help="Write paper N to standard output; --because says why.")
    ] = 0,
    failed: Annotated[
        str, typer.Option("--failed", metavar="REASON", help="Say that it could not be proven: no-answer, ….")
    ] = "",
    risk: Annotated[
        str, typer.Option("--risk", metavar="R", help="Of harm, where a law goes by it: low or high.")
    ] = "",
    happened: request_input.Happened = "",
    seen: request_input.Seen = 0,
    by: options.By = "",
) -> None:
    """Prove who asks, as far as the law lets anybody ask; leaves with 1 while it is not proven."""
    from troth.app.proving import identity as proving

    session = options.begin(project)
    place = proving.Place(
        folder=session.folder, environment=session.environment, clock=session.clock, risk=risk
    )
    doing = request_input.doing(by, happened, seen)
    if read:
        import sys

        sys.stdout.buffer.write(proving.read_paper(case, read, because, doing, place))
        return
    disputes = tuple(disputed or ())
    steps: dict[str, Step] = {}
    if ask == "code":
        valid = timedelta(minutes=minutes)
        steps["--ask"] = lambda: proving.send_code(case, because, doing, place, valid=valid)
    elif ask:
        steps["--ask"] = lambda: proving.ask(case, ask, because, doing, place, disputed=disputes)
    if code:
        steps["--code"] = lambda: proving.check_code(case, code, doing, place)
    if point or points:
        given = [*(point or []), *request_input.read(points).splitlines()]
        steps["--point"] = lambda: _matched(case, given, disputes, doing, place)
    if accept:
        steps["--accept"] = lambda: proving.accept(case, accept, because, doing, place)
    steps |= _documents(case, declaration, authority, paper, doing, place, attorney=attorney)
    if parent:
        steps["--parent"] = lambda: proving.parent(case, because, doing, place)
    if failed:
        steps["--failed"] = lambda: proving.fail(case, failed, doing, place)
    if len(steps) > 1:
        raise typer.BadParameter("do one step at a time", param_hint=", ".join(steps))
    for step in steps.values():
        _show(step())
        return
    _show(proving.look(case, place))


def _documents(
    case: int, declaration: str, authority: str, paper: str, doing: Doing, place: Place, *, attorney: bool
) -> dict[str, Step]:
    """Say what is to be done with each file that came."""
    from troth.app.proving import identity as proving
    from troth.cases import papers

    data, longest = request_input.data, proving.LARGEST + 1
    steps: dict[str, Step] = {}
    if declaration:
        steps["--declaration"] = lambda: proving.declare(case, data(declaration, longest), doing, place)
    if authority:
        steps["--authority"] = lambda: proving.authority(
            case, data(authority, longest), doing, place, attorney=attorney
        )
    if paper:
        steps["--paper"] = lambda: proving.keep_paper(case, data(paper, papers.LARGEST + 1), doing, place)
    return steps


def _matched(case: int, given: list[str], disputed: tuple[str, ...], doing: Doing, place: Place) -> Proving:
    from troth.app.proving import identity as proving
    from troth.cases.identity_points import Given

    parts = [line.partition(":") for line in given if line.strip()]
    facts = [Given(fact=name.strip(), value=value.strip()) for name, _, value in parts]
    return proving.match(case, facts, doing, place, disputed=disputed)


def _show(found: Proving) -> None:
    """Say what is shown and what is missing; never a value."""
    proof, case = found.proof, found.case
    if found.said:
        left = f", {found.left} guesses are left" if found.said == "wrong" else ""
        screen.say(f"The code is {'right' if found.said == 'right' else found.said}{left}.", "bold")
    if found.of is not None:
        screen.say(f"{found.matched} of {found.of} facts match.", "bold")
    if found.paper:
        screen.say(f"{found.paper} is kept, encrypted and apart, until it is proven or its time is over.")
    if found.letter:
        screen.say(f"{found.letter} waits in the outbox.")
    if not proof.allowed:
        screen.say(f"{case.reference}: nobody may be asked who they are; {proof.forbidden}.")
    elif found.proven:
        screen.say(f"{case.reference}: it is proven who asks.", "green")
    else:
        screen.say(
            f"{case.reference}: not proven; missing: {', '.join(found.shown.missing(proof))}.", "yellow"
        )
        _wanted(found)
    for note in found.notes:
        screen.say(f"  {note}")
    raise typer.Exit(exits.DONE if found.proven else exits.FOUND)


def _wanted(found: Proving) -> None:
    proof = found.proof
    doubt = ", only where there is reasonable doubt" if proof.doubt_first else ""
    declared = " and a signed declaration" if proof.declaration else ""
    screen.say(f"  {proof.level}{doubt}: {proof.points} points{declared}.")
    for ground in proof.grounds:
        note = f" ({ground.note})" if ground.note else ""
        screen.say(f"  {ground.cited}: {ground.level}{note}; {ground.sure}")
