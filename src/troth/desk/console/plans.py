"""Plans on the desk: the list, one plan to read, its SQL, what changed since another; and how far it is.

Read only, but for making a plan. What moves a plan (approve, start, pause, resume, cancel) is `plan_moves`.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from troth.app.plans import kept
from troth.desk import here
from troth.desk.accounts import seat
from troth.desk.accounts.seat import needs
from troth.desk.console import plan_moves, plan_page, plan_words
from troth.errors import StoreError

FIRST = "waiting"


@require_GET
@needs("look")
def listing(request: HttpRequest) -> HttpResponse:
    """Show the plans of a group, and how many each group has."""
    group = request.GET.get("group", FIRST)
    group = group if group in plan_words.GROUPS else FIRST
    page = request.GET.get("page", "1")
    found = kept.listed(here.ledger(), group, int(page) if page.isdecimal() and len(page) < 9 else 1)
    tabs = [
        {"name": name, "words": words, "count": found.counts[name], "here": name == group}
        for name, words in plan_words.GROUPS.items()
    ]
    lines = [{"line": one, "state": plan_words.STATES[one.record.state]} for one in found.lines]
    empty = plan_words.EMPTY if seat.sitting(request).may("make-plans") else plan_words.EMPTY_FOR_OTHERS
    said = {"tabs": tabs, "group": group, "lines": lines, "listed": found, "empty": empty[group]}
    return render(request, "desk/console/plans.html", said)


@require_POST
@needs("make-plans")
def make(request: HttpRequest) -> HttpResponse:
    """Make a retention plan as of now and open it."""
    made = kept.make(here.place(), by=seat.sitting(request).name)
    if made is None:
        messages.success(
            request, "Nothing has outlived its retention rule by now, so there is nothing to plan."
        )
        return redirect("console:plans")
    return redirect("console:plan", prefix=plan_page.short(made.hash))


@require_GET
@needs("look")
def show(request: HttpRequest, prefix: str) -> HttpResponse:
    """Show a plan: what it does, what stays, what would stop it, and what may be done with it now."""
    return render(request, "desk/console/plans_one.html", plan_page.told(request, prefix))


@require_GET
@needs("look")
def progress(request: HttpRequest, prefix: str) -> HttpResponse:
    """Show how far a plan is; once it runs no more, the whole page is to be loaded anew."""
    told = plan_page.moving(prefix)
    response = render(request, "desk/console/plans_progress.html", told)
    if told["record"].state != "running":
        response["HX-Refresh"] = "true"
    return response


@require_GET
@needs("look")
def statements(request: HttpRequest, prefix: str) -> HttpResponse:
    """Show the SQL of each step, and whether the stores still look as they did."""
    project, found = here.project(), kept.read(here.ledger(), prefix, here.project())
    trouble = ""
    try:
        written, changed = kept.statements(found, project, here.place())
    except StoreError as away:
        written, changed, trouble = {}, (), f"{away.message} {away.hint}".strip()
    steps = [{"step": step, "sql": written.get(step.number, "")} for step in found.told.steps]
    said = {"found": found, "steps": steps, "changed": changed, "trouble": trouble}
    said |= {
        "short": plan_page.short(found.record.hash),
        "tab": "sql",
        "state": plan_words.STATES[found.record.state],
    }
    return render(request, "desk/console/plans_sql.html", said)


@require_GET
@needs("look")
def compare(request: HttpRequest, prefix: str) -> HttpResponse:
    """Show what changed from another plan to this one."""
    ledger = here.ledger()
    found = kept.read(ledger, prefix)
    other = request.GET.get("with", "")
    lines = kept.difference(ledger, found, other) if other else None
    said = {
        "found": found,
        "others": kept.earlier(ledger, found),
        "other": other,
        "lines": None if lines is None else [plan_page.moved(line) for line in lines],
        "short": plan_page.short(found.record.hash),
        "state": plan_words.STATES[found.record.state],
        "tab": "compare",
    }
    return render(request, "desk/console/plans_compare.html", said)


urlpatterns = [
    path("plans/", listing, name="plans"),
    path("plans/make/", make, name="plans-make"),
    path("plans/<str:prefix>/", show, name="plan"),
    path("plans/<str:prefix>/progress/", progress, name="plan-progress"),
    path("plans/<str:prefix>/sql/", statements, name="plan-sql"),
    path("plans/<str:prefix>/compare/", compare, name="plan-compare"),
    *plan_moves.urlpatterns,
]
