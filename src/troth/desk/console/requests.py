"""Requests on the desk: the queue by deadline, other requests of a person, and opening one.

Views only: the queue is paged in SQL by `app.requests.queue`. Who is looked for comes by POST, never in an address.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from troth.app.requests import intake, opening
from troth.app.requests import queue as request_queue
from troth.app.requests.queue import Queue, Wanted
from troth.cases import kinds, moves
from troth.desk import here
from troth.desk.accounts import seat
from troth.desk.accounts.seat import needs
from troth.desk.console import case_words
from troth.desk.console.request_forms import New, Search
from troth.errors import Refused, TrothError
from troth.ledger.case_records import CaseRecord
from troth.problems import BadInput

LARGEST_PAGE = 6
"""Digits of a page's number."""


@require_GET
@needs("look")
def listing(request: HttpRequest) -> HttpResponse:
    """Show a page of the queue."""
    return _queue(request, Search())


@require_POST
@needs("lead-requests")
def find(request: HttpRequest) -> HttpResponse:
    """Show the requests of whoever has an identity."""
    form = Search(request.POST)
    if not form.is_valid():
        return _queue(request, form, status=422)
    try:
        found = request_queue.of_person(form.cleaned_data["identity"], here.place())
    except (BadInput, Refused) as error:
        _put(form, "identity", error)
        return _queue(request, form, status=422)
    return render(
        request,
        "desk/console/requests_found.html",
        {"found": [_case(one) for one in found], "search": form},
    )


@require_http_methods(["GET", "POST"])
@needs("lead-requests")
def new(request: HttpRequest) -> HttpResponse:
    """Open a request; a mail can be read into the form first."""
    if request.method != "POST":
        return _form(request, New(zone=_zone()))
    form = New(request.POST, request.FILES, zone=_zone())
    if "read" in request.POST:
        return _read(request, form)
    if not form.is_valid():
        return _form(request, form, 422)
    try:
        at = here.place()
        message, notes = form.message(at.clock.now())
        made = opening.open_(message, at.folder, at.environment, at.clock, by=seat.sitting(request).name)
    except (BadInput, Refused) as error:
        _put(form, None, error)
        return _form(request, form, 422)
    names = " and ".join(f"case {one.id} ({one.kind.says.lower()})" for one in made.cases)
    letter = " The acknowledgement waits in the outbox." if made.letter else ""
    messages.success(request, f"Opened: {names}.{letter}", extra_tags="good")
    for note in (*notes, *made.notes):
        messages.info(request, case_words.shortly(note))
    return redirect("console:case", id=made.cases[0].id)


def _read(request: HttpRequest, form: New) -> HttpResponse:
    """Fill the form with what a mail says; nothing is kept."""
    sent = request.FILES.get("mail")
    if sent is None or sent.size is None or sent.size > intake.LARGEST:
        form.errors["mail"] = form.error_class(["Choose the mail as a file (.eml) of at most 30 MB."])
        return _form(request, form, 422)
    try:
        found = intake.mail(sent.read())
    except BadInput as error:
        form.errors["mail"] = form.error_class([_say(error)])
        return _form(request, form, 422)
    filled = New(None, zone=_zone(), initial=_initial(request, found))
    return _form(request, filled, notes=found.notes)


def _initial(request: HttpRequest, found: intake.Mail) -> dict[str, object]:
    received = found.received
    return {
        "kinds": request.POST.getlist("kinds"),
        "channel": "mail",
        "identities": f"email:{found.address}",
        "name": found.name,
        "reply_to": found.address,
        "text": found.text,
        "received": received.replace(tzinfo=None) if received else None,
        "zone": received.strftime("%z")[:3] + ":" + received.strftime("%z")[3:] if received else _zone(),
    }


def _queue(request: HttpRequest, search: Search, status: int = 200) -> HttpResponse:
    asked, sitter = request.GET, seat.sitting(request)
    page = asked.get("page", "1")
    wanted = Wanted(
        tab=asked.get("tab", "open"),
        kind=asked.get("kind", ""),
        law=asked.get("law", ""),
        state=asked.get("state", ""),
        page=int(page) if page.isascii() and page.isdecimal() and len(page) <= LARGEST_PAGE else 1,
        by=sitter.name,
    )
    found = request_queue.queue(wanted, here.place())
    tabs = [
        {"name": name, "words": said, "count": found.counts[name], "here": name == found.wanted.tab}
        for name, said in case_words.TABS.items()
        if name != "mine" or sitter.may("lead-requests")
    ]
    told = {
        "queue": found,
        "tabs": tabs,
        "kept": _kept(found),
        "rows": [_row(one) for one in found.entries],
        "kinds": tuple(kinds.ALL.values()),
        "states": [(one, case_words.STATES[one]) for one in moves.STATES],
        "laws": [(one, case_words.law(one)) for one in found.laws],
        "empty": case_words.EMPTY[found.wanted.tab],
        "filtered": bool(found.wanted.kind or found.wanted.law or found.wanted.state),
        "search": search,
    }
    template = "desk/console/requests_table.html" if _part(request) else "desk/console/requests.html"
    return render(request, template, told, status=status)


def _part(request: HttpRequest) -> bool:
    """Tell whether only the table is asked for, to be put into the page that is there."""
    htmx = getattr(request, "htmx", None)
    return bool(htmx) and getattr(htmx, "target", "") == "queue"


def _row(entry: request_queue.Entry) -> dict[str, object]:
    record = entry.row.record
    colour, said = case_words.LEFT[entry.row.left.word]
    return {
        "record": record,
        "kind": kinds.kind(record.kind).says,
        "left": entry.row.left,
        "colour": colour,
        "word": said,
        "state": case_words.STATES[record.state],
        "laws": [case_words.law(one) for one in record.laws],
        "legal": entry.row.legal,
        "received": entry.row.received,
        "outcome": case_words.DECIDED.get(record.outcome, ""),
        "next": case_words.NEXT.get(entry.next, ""),
        "counts": entry.row.left.word not in {"answered", "closed", "elsewhere"},
    }


def _case(record: CaseRecord) -> dict[str, object]:
    return {
        "record": record,
        "kind": kinds.kind(record.kind).says,
        "state": case_words.STATES[record.state],
    }


def _kept(found: Queue) -> str:
    """Write the filters for addresses of other tabs and pages."""
    from urllib.parse import urlencode

    names = ("kind", "law", "state")
    return urlencode({name: value for name in names if (value := getattr(found.wanted, name))})


def _form(request: HttpRequest, form: New, status: int = 200, notes: tuple[str, ...] = ()) -> HttpResponse:
    return render(request, "desk/console/requests_new.html", {"form": form, "notes": notes}, status=status)


def _zone() -> str:
    return here.project().policy.organisation.timezone or "UTC"


def _put(form: New | Search, field: str | None, error: TrothError) -> None:
    form.add_error(field, _say(error))


def _say(error: TrothError) -> str:
    if isinstance(error, BadInput):
        return " ".join(f"{one.message} {case_words.plainly(one.hint)}".strip() for one in error.problems)
    return f"{error.message} {case_words.plainly(error.hint)}".strip()


urlpatterns = [
    path("requests/", listing, name="requests"),
    path("requests/find/", find, name="request-find"),
    path("requests/new/", new, name="request-new"),
]
