"""`troth staff`: who may sign in to the desk, and in which role."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli import group as groups
from troth.cli import options, screen

if TYPE_CHECKING:
    from types import ModuleType

    from troth.desk.accounts.staffing import Member

group = groups.make("Say who may sign in to the desk, and in which role.")

Who = Annotated[str, typer.Argument(metavar="WHO", help="Full name, e-mail address, or number (`staff:7`).")]
RoleOption = Annotated[
    str, typer.Option("--role", metavar="ROLE", help="agent, lead, engineer or auditor.", show_default=False)
]


@group.command("add", short_help="Invite somebody.")
def add(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Full name; two people of one name need another.")
    ],
    email: Annotated[str, typer.Option("--email", metavar="ADDRESS", help="Where they sign in with.")],
    role: RoleOption,
    project: options.Project = None,
    by: options.By = "",
) -> None:
    """Invite somebody: prints a link where they choose a password, good once and for three days."""
    staffing = _staffing(project)
    invited = staffing.add(name, email, role, by=options.person(by))
    screen.say(f"staff:{invited.staff} may sign in once a password is chosen. Hand this link to nobody else:")
    screen.say(f"  {_address(invited.path)}")


@group.command("invite", short_help="Print a fresh link for somebody.")
def invite(
    who: Who,
    project: options.Project = None,
    forget_factors: Annotated[
        bool,
        typer.Option("--forget-factors", help="Remove their second factors too: phone and key are lost."),
    ] = False,
    by: options.By = "",
) -> None:
    """Print a fresh link: the password so far is gone, and they are signed out everywhere."""
    staffing, person = _staffing(project), options.person(by)
    if forget_factors:
        count = staffing.forget_factors(who, by=person)
        screen.say(
            f"{screen.number(count)} second factors removed; new ones are asked for at the next sign-in."
        )
    invited = staffing.invite(who, by=person)
    screen.say(f"staff:{invited.staff} chooses a new password here, once, within three days:")
    screen.say(f"  {_address(invited.path)}")


@group.command("list", short_help="List who may sign in.")
def listed(project: options.Project = None) -> None:
    """List every account with its role, and whether it has a second factor."""
    members = _staffing(project).listed()
    if not members:
        screen.say("Nobody may sign in yet: troth staff add NAME --email ADDRESS --role lead")
        return
    screen.table(("number", "name", "role", "e-mail", "since", "second factor"), map(_row, members))


@group.command("role", short_help="Give somebody another role.")
def role(
    who: Who,
    new: Annotated[str, typer.Argument(metavar="ROLE", help="agent, lead, engineer or auditor.")],
    project: options.Project = None,
    by: options.By = "",
) -> None:
    """Give somebody another role, from their next page on."""
    staff = _staffing(project).change_role(who, new, by=options.person(by))
    screen.say(f"staff:{staff} is {new} now.")


@group.command("remove", short_help="Remove somebody's account.")
def remove(who: Who, project: options.Project = None, by: options.By = "") -> None:
    """Remove an account and end its sessions; what they did stays under their name."""
    staff = _staffing(project).remove(who, by=options.person(by))
    screen.say(f"staff:{staff} can sign in no longer.")


def _row(member: Member) -> tuple[str, ...]:
    factor = "yes" if member.factor else "not yet" if member.joined else "invited"
    since = member.since.date().isoformat()
    return (f"staff:{member.staff}", member.name, member.role, member.email, since, factor)


def _staffing(project: options.Project) -> ModuleType:
    """Set up the tables of accounts, and return what works on them."""
    from troth.desk import setup

    session = options.begin(project)
    setup.configure(session.folder, session.environment)
    from troth.desk import tables

    tables.bring_up_to_date()
    from troth.desk.accounts import staffing

    return staffing


def _address(path: str) -> str:
    from troth.desk import here, settings

    environment = here.place().environment
    hosts = settings.hosts_of(environment)
    scheme = "https" if environment.get(settings.TLS) == "yes" else "http"
    return f"{scheme}://{hosts[0] if hosts else 'localhost:8000'}{path}"
