"""The board of promises, one promise with its past, and the button that checks them all now."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from troth.app import history
from troth.app.history import Board, Line, Wanted
from troth.app.screens import check_now
from troth.desk import here
from troth.desk.accounts import seat
from troth.desk.accounts.seat import needs
from troth.desk.console import charts, promise_words
from troth.ledger.promise_history import statuses
from troth.promises.results import Status

LONGEST = 200
PAGE = 100


class Filter(forms.Form):
    """What of the board is shown."""

    status = forms.CharField(required=False, max_length=LONGEST)
    section = forms.CharField(required=False, max_length=LONGEST)
    block = forms.CharField(required=False, max_length=LONGEST)
    text = forms.CharField(required=False, max_length=LONGEST, label="Words")


@require_GET
@needs("look")
def board(request: HttpRequest) -> HttpResponse:
    """Show every promise with its status."""
    found = history.board(here.place())
    form = Filter(request.GET)
    wanted = Wanted(**form.cleaned_data) if form.is_valid() else Wanted()
    lines = history.chosen(found.lines, wanted)
    page = Paginator(lines, PAGE).get_page(request.GET.get("page"))
    said = {
        "board": found,
        "page": page,
        "more": _query(form),
        "lines": [_shown(line) for line in page],
        "figures": _figures(found, wanted),
        "wanted": wanted,
        "form": form,
        "filtered": wanted != Wanted(),
        "words": promise_words.STATUS,
        "chart": charts.stacked(found.days, promise_words.STACKED),
        "days": [_day(day, counts) for day, counts in reversed(found.days)],
        "order": [(status, promise_words.STATUS[status]) for status in promise_words.STACKED],
    }
    return render(request, "desk/console/promises.html", said)


@require_GET
@needs("look")
def one(request: HttpRequest, promise: str) -> HttpResponse:
    """Show one promise: its rule, its sentences, its past, its proof, what to do."""
    told = history.one(promise, here.place())
    said = {
        "told": told,
        "line": told.line,
        "word": promise_words.STATUS[told.line.status],
        "means": promise_words.MEANS[told.line.status],
        "todo": promise_words.todo(told.line),
        "chart": charts.steps(told.stretches, here.place().clock.now()),
        "past": [
            {"stretch": past, "word": promise_words.STATUS.get(past.status, past.status)}
            for past in reversed(told.stretches)
        ],
        "runs": len(statuses(told.stretches)),
    }
    return render(request, "desk/console/promises_one.html", said)


@require_POST
@needs("make-plans")
def check(request: HttpRequest) -> HttpResponse:
    """Have every promise checked, and come back to the board."""
    made = check_now.ask(here.place(), by=seat.sitting(request).name)
    if made is None:
        messages.success(request, "A worker checks every promise now. Load this page again in a moment.")
        return redirect("console:promises")
    totals = made.totals
    said = (
        f"{len(made.results)} promises checked: {totals[Status.BROKEN]} broken, "
        f"{totals[Status.UNPROVEN]} unproven, {totals[Status.NOT_TRIGGERED]} not triggered, "
        f"{totals[Status.KEPT]} kept."
    )
    messages.success(request, said)
    away = [store.name for store in made.stores if store.trouble]
    if away:
        messages.warning(request, f"Not reached: {', '.join(away)}. What lies there is unproven.")
    return redirect("console:promises")


def _query(form: Filter) -> str:
    """Return what was chosen, for links to other pages of the same choice."""
    chosen = form.cleaned_data if form.is_valid() else {}
    return urlencode({name: value for name, value in chosen.items() if value})


def _shown(line: Line) -> dict[str, Any]:
    return {"line": line, "word": promise_words.STATUS[line.status]}


def _figures(found: Board, wanted: Wanted) -> list[dict[str, Any]]:
    return [
        {
            "status": status,
            "word": promise_words.STATUS[status],
            "number": number,
            "means": promise_words.MEANS[status],
            "here": wanted.status == status,
        }
        for status, number in found.totals.items()
        if number or status != history.NEVER
    ]


def _day(day: object, counts: Any) -> dict[str, Any]:
    return {"day": day, "counts": [counts.get(status, 0) for status in promise_words.STACKED]}


urlpatterns = [
    path("promises/", board, name="promises"),
    path("promises/check/", check, name="promises-check"),
    path("promises/<str:promise>/", one, name="promise"),
]
