"""Requests of people: opened by another system, followed, added to, withdrawn. Deciding stays with people."""

from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Body, Query, Router
from pydantic import Field, StringConstraints

from troth.app.casework import withdrawing
from troth.app.requests import customers, steps, views
from troth.app.requests import opening as requests
from troth.app.requests.opening import Doing, Message
from troth.app.systems import requests as api_requests
from troth.cases import register
from troth.desk import here
from troth.desk.api import caller, problem, shapes
from troth.desk.api.caller import Bearer
from troth.desk.api.fields import Count, Country, Flag, Given, Instant, Line, Right, Said, State, Words
from troth.desk.api.once import Done, once, once_apart
from troth.desk.api.problem import Stop
from troth.people.typed import Line as Identity

router = Router(tags=["requests"])
REASON = "Troth-Reason"
MOST = 200


class NewRequest(Given):
    """What somebody asks for; one message may ask for several rights, and each becomes a request."""

    kinds: Annotated[list[Right], Field(min_length=1, max_length=16)]
    identities: Annotated[list[Line], Field(min_length=1, max_length=50)]
    """Of the person, as `email:ada@example.org`, `customer/12`."""
    received: Instant | None = None
    """When it reached you; now where nothing is said."""
    channel: Literal["api", "form"] = "api"
    name: Line = ""
    reply_to: Line = ""
    """A mail address, or a postal one on several lines; without it nobody is told that it came in."""
    text: Words = ""
    language: Annotated[str, StringConstraints(pattern=r"^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8}){0,3}$")] = "en"
    residence: Country = ""
    """Where the person lives: `IE`, `US-CA`; empty where nobody knows."""
    place: Country = ""
    whom: Literal["self", "agent", "parent"] = "self"
    agent: Line = ""
    """Who asks for the person, where it is not the person."""
    child: Flag = False


class _Step(Given):
    happened: Instant | None = None
    """When; now where nothing is said."""
    seen: Annotated[Count | None, Field(ge=1, le=1_000_000)] = None
    """How many events you saw; the call is refused where there are others."""


class Note(_Step):
    """Something worth knowing, kept sealed."""

    event: Literal["note"]
    text: Said


class Residence(_Step):
    """Where the person lives became known; laws and dates are computed anew."""

    event: Literal["residence.stated"]
    residence: Annotated[Country, Field(min_length=2)]


class Customer(_Step):
    """It became known for which controller the data is held; kept sealed."""

    event: Literal["customer.named"]
    customer: Annotated[Line, Field(min_length=1)]


class Instruction(_Step):
    """The controller said what to do, under a number of theirs."""

    event: Literal["instructed"]
    instruction: Annotated[Line, Field(min_length=1)]


class Withdrawal(_Step):
    """The person no longer wants it."""


NewEvent = Annotated[Note | Residence | Customer | Instruction, Field(discriminator="event")]


@router.post("", response={201: shapes.Opened}, auth=Bearer("requests:open"), operation_id="openRequest")
@once
def open_request(request: HttpRequest, given: Annotated[NewRequest, Body()]) -> Done:
    """Open a request for each right that is asked for.

    With its laws, dates and an acknowledgement. The answer says the same whether or not the person is known.
    """
    at = here.place()
    message = Message(
        kinds=tuple(given.kinds),
        received=given.received or at.clock.now(),
        channel=given.channel,
        lines=[
            Identity(source=problem.SOURCE, line=number, text=one)
            for number, one in enumerate(given.identities, 1)
        ],
        name=given.name,
        reply_to=given.reply_to,
        text=given.text,
        language=given.language,
        residence=given.residence,
        place=given.place,
        whom=given.whom,
        agent=given.agent,
        child=given.child,
    )
    made = requests.open_(message, at.folder, at.environment, at.clock, by=caller.of(request).name)
    body = shapes.opened(made)
    return Done(status=201, body=body, location=shapes.address(made.cases[0].id))


@router.get("", response=shapes.Requests, auth=Bearer("requests:read"), operation_id="listRequests")
def list_requests(
    request: HttpRequest,
    after: Annotated[int, Query(ge=0, le=2**53)] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
    state: Annotated[State | None, Query()] = None,
    kind: Annotated[Right | None, Query()] = None,
) -> shapes.Requests:
    """List requests in the order they were opened, page by page: give `next` as `after` for the next page."""
    del request
    page = api_requests.after(after, here.place(), limit=limit, state=state or "", kind=kind or "")
    return shapes.requests(page)


@router.get("/{int:id}", response=shapes.Followed, auth=Bearer("requests:read"), operation_id="readRequest")
def read_request(request: HttpRequest, id: int) -> shapes.Followed:
    """Say where a request stands: state, dates by law, what may come next. Nothing of the person."""
    del request
    _there(id)
    return shapes.followed(views.show(id, here.place()))


@router.get(
    "/{int:id}/contents",
    response=shapes.Contents,
    auth=Bearer("requests:people"),
    operation_id="readContents",
    openapi_extra={
        "parameters": [
            {
                "in": "header",
                "name": REASON,
                "required": True,
                "schema": {"type": "string", "minLength": 1, "maxLength": 500},
                "description": "Why it is read; written to the evidence as a keyed hash.",
            }
        ]
    },
)
def read_contents(request: HttpRequest, id: int) -> shapes.Contents:
    """Read what a request says of the person. That it was read, by which key and why, goes into the evidence."""
    reason = request.headers.get(REASON, "").strip()
    if not reason or len(reason) > 500:
        raise Stop("no-reason", f"Say in the header {REASON} why it is read, in at most 500 characters.")
    _there(id)
    return shapes.contents(views.read(id, reason, here.place(), by=caller.of(request).name))


@router.post(
    "/{int:id}/events", response={201: shapes.Request}, auth=Bearer("requests:write"), operation_id="addEvent"
)
@once
def add_event(request: HttpRequest, id: int, given: Annotated[NewEvent, Body()]) -> Done:
    """Add what became known: a note, the residence, the customer, or an instruction (its own scope)."""
    _there(id)
    doing, at = _doing(request, given), here.place()
    match given:
        case Note():
            changed = steps.note(id, given.text, doing, at)
        case Residence():
            changed = steps.residence(id, given.residence, doing, at)
        case Customer():
            changed = customers.name(id, given.customer, doing, at)
        case Instruction():
            if "requests:instruct" not in caller.of(request).key.scopes:
                raise Stop("no-scope", "It would need the scope requests:instruct.")
            changed = customers.instruct(id, given.instruction, doing, at)
    return Done(status=201, body=_row(changed.case.id), location=shapes.address(id))


@router.post(
    "/{int:id}/withdraw",
    response={200: shapes.Request},
    auth=Bearer("requests:write"),
    operation_id="withdrawRequest",
)
@once_apart  # stores may have to let go of what was restricted, which no transaction of the ledger takes back
def withdraw_request(request: HttpRequest, id: int, given: Annotated[Withdrawal, Body()]) -> Done:
    """Write down that the person no longer wants it; the request is over."""
    _there(id)
    withdrawing.withdraw(id, _doing(request, given), here.place())
    return Done(status=200, body=_row(id))


def _doing(request: HttpRequest, given: _Step) -> Doing:
    return Doing(by=caller.of(request).name, happened=given.happened, seen=given.seen)


def _row(id: int) -> shapes.Request:
    """Return a request as it stands now, within the transaction at hand."""
    at, ledger = here.place(), here.ledger()
    record = ledger.cases.read(register.read(ledger, id).id)
    assert record is not None
    return shapes.row(views.row(record, at.clock.now()))


def _there(id: int) -> None:
    if not api_requests.exists(id, here.place()):
        raise Stop("not-found", "There is no request of this number.")
