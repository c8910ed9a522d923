"""Asking for a right: where somebody lives, what they can ask for there, the form, and a new link to follow it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from troth.app.centre import filing as centre_requests
from troth.app.centre import offers as centre
from troth.app.centre.filing import Filed, Filing
from troth.app.centre.offers import Offer
from troth.cases.case import UNKNOWN
from troth.desk import faults, here, reached
from troth.desk.public import forms, later, residences, room, tickets, words
from troth.desk.public.words import Right
from troth.problems import BadInput

WHOM = ("self", "agent", "parent")
FILED = 10
"""Requests an address may file in an hour."""
ASKED = 5
"""New links an address may ask for in an hour."""
NO_AGENT = frozenset({"appeal", "complain"})
"""Kinds for which the form has no variant for somebody else: they say so in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A right on the list."""

    offer: Offer
    right: Right


@room.page("GET")
def rights(request: HttpRequest) -> HttpResponse:
    """Ask where somebody lives, then list what they can ask for there."""
    typed = request.GET.get("place", "")
    place = residences.read(typed) if typed else None
    said: dict[str, Any] = {
        "choices": residences.options(residences.code(place or UNKNOWN)),
        "wrong": bool(typed) and place is None,
        "here": "requests",
    }
    if place is not None:
        at = here.place()
        project, now = here.project(), at.clock.now()
        found = centre.offers(project, place, now)
        said |= {
            "place": residences.code(place),
            "where": residences.name(place),
            "unknown": place == UNKNOWN,
            "offers": [Offered(offer=one, right=words.RIGHTS[one.kind.name]) for one in found],
            "authority": centre.authority(place),
            "processor": "controller" not in project.policy.organisation.roles,
        }
    return render(request, "desk/public/rights.html", said)


@room.page("GET", "POST")
def new(request: HttpRequest, kind: str) -> HttpResponse:
    """Show the form of a right, or open the request."""
    right = words.RIGHTS.get(kind)
    if right is None:
        raise Http404
    given = request.POST if request.method == "POST" else request.GET
    place = residences.read(given.get("place", "")) or UNKNOWN
    whom = given.get("for", "self")
    whom = whom if whom in WHOM and kind not in NO_AGENT else "self"
    form = _form(request, right, whom)
    if request.method == "POST":
        too_many = room.limited(request, "file", FILED)
        if too_many is not None:
            return too_many
        answer = _file(request, kind, place, whom, form) if form.is_valid() else None
        if answer is not None:
            return answer
    return _shown(request, kind, place, whom, form)


@room.page("GET", "POST")
def follow(request: HttpRequest) -> HttpResponse:
    """Ask for a new private link; the answer is the same whether or not anybody is known."""
    form = forms.Follow(request.POST if request.method == "POST" else None, initial={"ticket": tickets.new()})
    if request.method == "POST":
        too_many = room.limited(request, "follow", ASKED)
        if too_many is not None:
            return too_many
        if form.is_valid():
            email, at, address = str(form.cleaned_data["email"]), here.place(), _address(request)
            later.do(lambda: centre_requests.renew(email, address, at))
            return redirect("public:sent")
        _renew_ticket(form)
    status = 422 if form.is_bound else 200
    return render(request, "desk/public/follow.html", {"form": form, "here": "follow"}, status=status)


@room.page("GET")
def sent(request: HttpRequest) -> HttpResponse:
    """Say that a link is on its way, if there is a request."""
    return render(request, "desk/public/sent.html", {"here": "follow"})


def _form(request: HttpRequest, right: Right, whom: str) -> forms.Ask:
    datamap = here.project().datamap
    kinds = {name.lower() for subject in datamap.subjects.values() for name in subject.identities}
    return forms.Ask(
        request.POST if request.method == "POST" else None,
        right=right,
        whom=whom,
        by_phone="phone" in kinds,
        by_number=len(datamap.subjects) == 1,
        initial={"ticket": tickets.new()},
    )


def _file(request: HttpRequest, kind: str, place: str, whom: str, form: forms.Ask) -> HttpResponse | None:
    """Open the request; nothing where something typed cannot be used, which then stands on the form."""
    filing = _filing(kind, place, whom, form.cleaned_data)
    at = here.place()
    for field in centre_requests.unusable(filing, here.project()):
        form.add_error(field, _unusable(field))
    if form.errors:
        return None
    try:
        filed = centre_requests.file(filing, _address(request), at)
    except BadInput as bad:
        faults.on_form(form, bad)
        return None
    return _filed(request, filed)


def _filing(kind: str, place: str, whom: str, typed: dict[str, Any]) -> Filing:
    subjects = tuple(here.project().datamap.subjects)
    number = str(typed.get("number", ""))
    return Filing(
        kind=kind,
        residence=place,
        email=str(typed["email"]),
        ticket=str(typed["ticket"]),
        name=str(typed.get("name", "")),
        phone=str(typed.get("phone", "")),
        number=f"{subjects[0]}/{number}" if number else "",
        text=str(typed.get("text", "")),
        language=get_language() or "en",
        whom=whom,
        agent=str(typed.get("agent", "")),
        reply_to=str(typed.get("reply_to", "")),
    )


def _filed(request: HttpRequest, filed: Filed) -> HttpResponse:
    if not filed.secret:
        return render(request, "desk/public/again.html", {"here": "requests"}, status=409)
    to = reverse("public:status", kwargs={"secret": filed.secret})
    return redirect(f"{to}?new={'mailed' if filed.mailed else 'only'}")


def _shown(request: HttpRequest, kind: str, place: str, whom: str, form: forms.Ask) -> HttpResponse:
    at = here.place()
    offer = centre.offer(here.project(), kind, place, at.clock.now(), child=whom == "parent")
    if form.is_bound:
        _renew_ticket(form)
    said = {
        "form": form,
        "kind": kind,
        "right": words.RIGHTS[kind],
        "offer": offer,
        "place": residences.code(place),
        "where": residences.name(place),
        "whom": whom,
        "others": kind not in NO_AGENT,
        "here": "requests",
    }
    return render(request, "desk/public/new.html", said, status=422 if form.is_bound else 200)


def _renew_ticket(form: forms.Guarded) -> None:
    """Give a form whose mark is of no more use a new one; all else that was typed stays."""
    if form.has_error("ticket", code="old"):
        form.data = {**{name: form.data[name] for name in form.data}, "ticket": tickets.new()}


def _address(request: HttpRequest) -> centre_requests.Address:
    def address(secret: str) -> str:
        return base + reverse("public:status", kwargs={"secret": secret})

    base = reached.base(request)
    return address


def _unusable(field: str) -> str:
    match field:
        case "phone":
            return _(
                "This is no telephone number we can read: write it with its country code, as +49 30 1234567."
            )
        case "number":
            return _("This is no number we can read.")
        case _:
            return _("This is no e-mail address we can read.")
