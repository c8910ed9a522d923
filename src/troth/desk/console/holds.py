"""Holds on the desk: those that stand, are due for review or were lifted; placing, lifting, what one keeps now.

Views only. Whom a hold covers is shown to whoever gives a reason, and never stands in an address.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from troth.app import holding, holding_rows
from troth.desk import faults, here
from troth.desk.accounts import seat
from troth.desk.accounts.seat import needs
from troth.desk.console import case_words
from troth.desk.console.case_forms import Reading, area, day, line, pick, radios
from troth.errors import Refused, TrothError
from troth.holds.model import Ground, Hold
from troth.problems import BadInput

TABS = {"standing": "Standing", "due": "Due for review", "lifted": "Lifted"}
EMPTY = {
    "standing": "No hold stands. Place one where something must not be deleted, for a court, an authority or a case.",
    "due": "No review is due. A hold past its review still holds, and stands here until somebody lifts it.",
    "lifted": "No hold was lifted yet.",
}
NUMBER = 9
"""Digits of a hold's number."""


class Place(forms.Form):
    """A hold somebody places."""

    ground = pick("Ground", ((one.value, one.words.capitalize()) for one in Ground))
    title = line("Title", "What people call it, as a file number. Not a name.", most=200)
    scope = area(
        "What it covers",
        "One person: customer/12, or email:ada@example.org, which is looked up once. All of a dataset: app.orders. "
        "Some of its rows: app.orders: status = 'disputed'.",
    )
    owner = line("Who answers for it", most=200)
    review = day("When it is looked at again", "A hold without review is never lifted.")

    def __init__(self, data: Any = None, *, by: str) -> None:
        super().__init__(data, initial={"owner": by}, auto_id="id_%s", label_suffix="")


class Lift(forms.Form):
    """Why a hold is lifted."""

    reason = radios("Why?", holding.LIFTS.items())

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="lift_%s", label_suffix="")


@require_GET
@needs("look")
def listing(request: HttpRequest) -> HttpResponse:
    """Show the holds of a tab; whom they cover is not said."""
    at = here.place()
    now = at.clock.now()
    every = holding.listed(at.folder, at.environment, at.clock, at=now, lifted=True)
    groups = _groups(every, now.date())
    tab = request.GET.get("tab", "standing")
    tab = tab if tab in TABS else "standing"
    tabs = [
        {"name": name, "words": words, "count": len(groups[name]), "here": name == tab}
        for name, words in TABS.items()
    ]
    said = {"tabs": tabs, "tab": tab, "holds": groups[tab], "due": groups["due"], "empty": EMPTY[tab]}
    return render(request, "desk/console/holds.html", said)


@require_http_methods(["GET", "POST"])
@needs("hold")
def new(request: HttpRequest) -> HttpResponse:
    """Place a hold from now on."""
    by = seat.sitting(request).name
    if request.method != "POST":
        return render(request, "desk/console/holds_new.html", {"form": Place(by=by)})
    form = Place(request.POST, by=by)
    if form.is_valid():
        data, at = form.cleaned_data, here.place()
        wish = holding.Wish(
            ground=data["ground"],
            scope=data["scope"],
            title=data["title"],
            owner=data["owner"],
            review=data["review"].isoformat(),
            by=by,
        )
        try:
            made = holding.add(wish, at.folder, at.environment, at.clock)
        except TrothError as error:
            _put(form, error)
        else:
            says = f"{made.id} stands: {made.ground.words} on {made.about}, review {made.review:%d %B %Y}."
            messages.success(request, says, extra_tags="good")
            return redirect("console:hold", number=_number(made))
    return render(request, "desk/console/holds_new.html", {"form": form}, status=422)


@require_GET
@needs("look")
def one(request: HttpRequest, number: int) -> HttpResponse:
    """Show a hold; with `count`, what it keeps now."""
    return _one(request, number, count="count" in request.GET)


@require_POST
@needs("read-people")
def read(request: HttpRequest, number: int) -> HttpResponse:
    """Take a reason, write down who reads, and show whom or what a hold covers."""
    form, at = Reading(request.POST), here.place()
    if not form.is_valid():
        return _one(request, number, reading=form, status=422)
    try:
        by, because = seat.sitting(request).name, form.cleaned_data["because"]
        scope = holding.read(_id(number), because, at.folder, at.environment, at.clock, by=by)
    except BadInput as error:
        if any(problem.code == faults.UNKNOWN for problem in error.problems):
            raise
        _put(form, error)
        return _one(request, number, reading=form, status=422)
    return _one(request, number, scope=scope)


@require_POST
@needs("hold")
def lift(request: HttpRequest, number: int) -> HttpResponse:
    """Lift a hold; what it kept goes only by a plan made afterwards."""
    form, at = Lift(request.POST), here.place()
    if not form.is_valid():
        return _one(request, number, lifting=form, status=422)
    by = seat.sitting(request).name
    try:
        holding.lift(
            _id(number), at.folder, at.environment, at.clock, by=by, reason=form.cleaned_data["reason"]
        )
    except Refused as error:
        _put(form, error)
        return _one(request, number, lifting=form, status=409)
    messages.success(request, "The hold is lifted. What it kept goes with the next plan.", extra_tags="good")
    return redirect("console:hold", number=number)


def _one(
    request: HttpRequest,
    number: int,
    *,
    count: bool = False,
    scope: str = "",
    reading: Reading | None = None,
    lifting: Lift | None = None,
    status: int = 200,
) -> HttpResponse:
    at = here.place()
    hold = holding.one(_id(number), at.folder, at.environment, at.clock)
    said = {
        "hold": hold,
        "number": number,
        "due": hold.due(at.clock.now().date()),
        "ground": hold.ground.words,
        "own": hold.ground.own_interest,
        "kept": holding_rows.kept(_id(number), at) if count else None,
        "scope": scope,
        "reading": reading or Reading(),
        "lifting": lifting or Lift(),
    }
    return render(request, "desk/console/holds_one.html", said, status=status)


def _groups(every: tuple[Hold, ...], today: date) -> dict[str, list[dict[str, object]]]:
    rows = [{"hold": one, "number": _number(one), "due": one.due(today)} for one in every]
    standing = [row for row in rows if row["hold"].lifted_at is None]  # type: ignore[attr-defined]
    lifted = [row for row in rows if row not in standing]
    standing.sort(key=lambda row: row["hold"].review)  # type: ignore[attr-defined]
    return {"standing": standing, "due": [row for row in standing if row["due"]], "lifted": lifted[::-1]}


def _number(hold: Hold) -> int:
    return int(hold.id.partition(":")[2])


def _id(number: int) -> str:
    """Name a hold; a number that is far too long is none that there is."""
    return f"hold:{number}" if 0 < number < 10**NUMBER else f"hold:{10**NUMBER - 1}"


def _put(form: forms.Form, error: TrothError) -> None:
    if not isinstance(error, BadInput):
        form.add_error(None, f"{error.message} {case_words.plainly(error.hint)}".strip())
        return
    for problem in error.problems:
        field = {"bad-scope": "scope"}.get(problem.code)
        valid = f" Valid: {', '.join(problem.valid)}." if problem.valid else ""
        says = f"{problem.message} {case_words.plainly(problem.hint)}{valid}"
        form.add_error(field if field in form.fields else None, says.strip())


urlpatterns = [
    path("holds/", listing, name="holds"),
    path("holds/new/", new, name="hold-new"),
    path("holds/<int:number>/", one, name="hold"),
    path("holds/<int:number>/read/", read, name="hold-read"),
    path("holds/<int:number>/lift/", lift, name="hold-lift"),
]
