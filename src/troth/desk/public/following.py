"""The page of one request behind its private link: where it stands, proof of identity, giving it up.

What takes as long as the stores do is done after the answer, and the answer is the same for everybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from troth.app.centre import filing as centre_requests
from troth.app.centre import proof as centre_proof
from troth.app.centre import status as centre_status
from troth.app.centre.status import Status, Wrote
from troth.cases import moves
from troth.desk import here
from troth.desk.public import forms, later, pages, residences, room, words
from troth.desk.public.words import Text
from troth.errors import Refused
from troth.problems import BadInput

CODES = 4
"""Codes that can be asked for one request in an hour."""
GUESSES = 15
"""Codes that can be given for one request in an hour, besides the five of each code."""
TRIES = 60
"""Steps an address may take in an hour on all its requests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter on the page."""

    title: Text
    wrote: Wrote
    parts: tuple[tuple[str, Any], ...]
    """What it says: the kind of each part, and the part."""


@room.private("GET")
def status(request: HttpRequest, secret: str, case: int) -> HttpResponse:
    """Show where the request stands."""
    return shown(request, secret, case)


@room.private("POST")
def send_code(request: HttpRequest, secret: str, case: int) -> HttpResponse:
    """Have a code sent to the address on file, if there is one."""
    stop = _limited(request, "code", case, CODES)
    if stop is not None:
        return stop
    at = here.place()
    later.do(lambda: centre_proof.send_code(case, at))
    messages.success(
        request,
        _(
            "If we have an e-mail address of yours on file, a code goes there now. It can take a minute, and "
            "holds for 15 minutes."
        ),
    )
    return _back(secret, "prove")


@room.private("GET", "POST")
def prove(request: HttpRequest, secret: str, case: int) -> HttpResponse:
    """Take proof: a code, facts, a declaration, or what an agent shows; which, says the form that was sent."""
    if request.method != "POST":
        return redirect("public:status", secret=secret)
    stop = _limited(request, "prove", case, GUESSES)
    if stop is not None:
        return stop
    take = {"code": _code, "facts": _facts, "declaration": _declaration, "authority": _authority}
    what = request.POST.get("what", "")
    if what not in take:
        raise Http404
    return take[what](request, secret, case)


@room.private("POST")
def withdraw(request: HttpRequest, secret: str, case: int) -> HttpResponse:
    """Give the request up, once the person said that they mean it."""
    stop = _limited(request, "withdraw", case, GUESSES)
    if stop is not None:
        return stop
    if request.POST.get("sure") != "yes":
        messages.error(request, _("Please tick the box if you really want to give this request up."))
        return _back(secret, "withdraw")
    try:
        centre_requests.withdraw(case, here.place())
    except Refused:
        messages.error(request, _("This request cannot be given up any more."))
    else:
        messages.success(request, _("Your request was given up. Nothing more is done."))
    return redirect("public:status", secret=secret)


def shown(request: HttpRequest, secret: str, case: int, **bound: forms.Plain) -> HttpResponse:
    """Show the page of a request, with forms that came back."""
    found = centre_status.of(case, here.place())
    wanted = found.wanted
    said: dict[str, Any] = {
        "secret": secret,
        "link": request.build_absolute_uri(reverse("public:status", kwargs={"secret": secret})),
        "new": request.GET.get("new", ""),
        "status": found,
        "case": found.case,
        "right": words.RIGHTS[found.case.kind.name],
        "state": words.STATES[found.case.state],
        "outcome": words.OUTCOMES.get(found.outcome, ""),
        "refused": found.outcome in {"refused", "partial", "unverified", "nothing-held"},
        "steps": _steps(found),
        "letters": [_letter(one) for one in found.letters],
        "where": residences.name(found.case.residence),
        "place": residences.code(found.case.residence),
        "routes": pages.routes(here.project().policy),
        "code_form": bound.get("code") or forms.Code(),
        "package_form": bound.get("package") or forms.Code(),
        "facts_form": bound.get("facts") or forms.Facts(names=wanted.facts) if wanted.facts else None,
        "declare_form": bound.get("declaration") or forms.Declare() if wanted.declaration else None,
        "authority_form": bound.get("authority") or forms.Authority() if wanted.authority else None,
        "here": "follow",
    }
    return render(request, "desk/public/status.html", said, status=422 if bound else 200)


def _code(request: HttpRequest, secret: str, case: int) -> HttpResponse:
    form = forms.Code(request.POST)
    if not form.is_valid():
        return shown(request, secret, case, code=form)
    found = centre_proof.check_code(case, str(form.cleaned_data["code"]), here.place())
    if found is not None and found.said == "right":
        messages.success(request, _("Thank you: this code was right."))
        return redirect("public:status", secret=secret)
    form.add_error(
        "code", _("This code is not right, or it has run out. After five wrong ones you need a new one.")
    )
    return shown(request, secret, case, code=form)


def _facts(request: HttpRequest, secret: str, case: int) -> HttpResponse:
    wanted = centre_status.of(case, here.place()).wanted
    if not wanted.facts:
        return redirect("public:status", secret=secret)
    form = forms.Facts(request.POST, names=wanted.facts)
    if form.is_valid() and not any(form.given.values()):
        form.add_error(None, _("Please fill in at least one of these."))
    if form.errors:
        return shown(request, secret, case, facts=form)
    given, at = form.given, here.place()
    later.do(lambda: centre_proof.match(case, given, at))
    messages.success(
        request, _("Thank you. We compare it with what we have on file; look here again in a minute.")
    )
    return redirect("public:status", secret=secret)


def _declaration(request: HttpRequest, secret: str, case: int) -> HttpResponse:
    form = forms.Declare(request.POST)
    if not form.is_valid():
        return shown(request, secret, case, declaration=form)
    return _kept(
        request, secret, lambda: centre_proof.declare(case, str(form.cleaned_data["signed"]), here.place())
    )


def _authority(request: HttpRequest, secret: str, case: int) -> HttpResponse:
    form = forms.Authority(request.POST, request.FILES)
    if not form.is_valid():
        return shown(request, secret, case, authority=form)
    return _kept(
        request, secret, lambda: centre_proof.authority(case, form.cleaned_data["document"], here.place())
    )


def _kept(request: HttpRequest, secret: str, keep: Any) -> HttpResponse:
    try:
        keep()
    except (Refused, BadInput):
        messages.error(request, _("This is not needed any more; it was not kept."))
    else:
        messages.success(request, _("Thank you, we have it."))
    return redirect("public:status", secret=secret)


def _limited(request: HttpRequest, name: str, case: int, limit: int) -> HttpResponse | None:
    by_case = room.limited(request, name, limit, who=f"case:{case}")
    return by_case if by_case is not None else room.limited(request, "steps", TRIES)


def _back(secret: str, part: str) -> HttpResponse:
    return redirect(f"{reverse('public:status', kwargs={'secret': secret})}#{part}")


def _letter(one: Wrote) -> Letter:
    parts = tuple((type(part).__name__.lower(), part) for part in one.letter.parts) if one.letter else ()
    kind = "decision" if one.hidden else one.kind
    return Letter(title=words.LETTERS.get(kind, kind), wrote=one, parts=parts)


def _steps(found: Status) -> list[tuple[Text, str]]:
    """Return the way of a request, each step done, current or to come."""
    names: tuple[Text, ...] = (_("Received"), _("Looked at and decided"), _("Answered"))
    state = found.case.state
    over = {moves.ANSWERED, moves.CLOSED}
    at = len(names) if state in over else 2 if state == moves.ANSWERING else 1
    return [
        (name, "done" if place < at else "current" if place == at else "to-come")
        for place, name in enumerate(names)
    ]
