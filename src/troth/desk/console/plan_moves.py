"""What moves a plan: approve, start, pause, resume, cancel. Each is one POST and one function of `app`."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from troth.app.plans import carrying, kept
from troth.desk import here
from troth.desk.accounts import seat
from troth.desk.accounts.seat import needs
from troth.desk.console import plan_forms, plan_page
from troth.errors import Refused
from troth.ledger.kept_plans import STARTABLE


@require_POST
@needs("approve-plans")
def approve(request: HttpRequest, prefix: str) -> HttpResponse:
    """Agree to a plan that somebody else made."""
    at = here.place()

    def agree() -> None:
        kept.approve(here.ledger(), prefix, by=seat.sitting(request).name, at=at.clock.now())

    return _moved(request, prefix, agree, "You approved the plan. It can be started now.")


@require_POST
@needs("make-plans")
def start(request: HttpRequest, prefix: str) -> HttpResponse:
    """Hand a plan to the workers, with what was said about backups and large shares."""
    ledger, project, at = here.ledger(), here.project(), here.place()
    found = kept.read(ledger, prefix, project)
    stops = kept.obstacles(ledger, found, project, test_clock=at.clock.test)
    early = found.record.state not in STARTABLE  # the register says what is wrong then
    blocking = next((stop for stop in stops if not stop.starts and not early), None)
    if blocking is not None:
        raise Refused(blocking.what, hint=blocking.todo)
    form = plan_forms.Start(request.POST, stops=() if early else stops)
    if not form.is_valid():
        return render(
            request, "desk/console/plans_one.html", plan_page.told(request, prefix, form), status=422
        )
    by = seat.sitting(request).name
    order = carrying.Order(by=by, backup_taken=form.backup_taken, allow=form.allowed)

    def hand_over() -> None:
        carrying.start(found.record.hash, order, at)

    return _moved(request, prefix, hand_over, "The plan was handed to the workers.")


@require_POST
@needs("make-plans")
def pause(request: HttpRequest, prefix: str) -> HttpResponse:
    """Have a plan stop at the end of the batch at work."""
    return _moved(request, prefix, _by(request, prefix, carrying.pause), "Paused. What is done stays done.")


@require_POST
@needs("make-plans")
def resume(request: HttpRequest, prefix: str) -> HttpResponse:
    """Let a paused plan go on."""
    return _moved(request, prefix, _by(request, prefix, carrying.resume), "It goes on.")


@require_POST
@needs("make-plans")
def cancel(request: HttpRequest, prefix: str) -> HttpResponse:
    """Say that a plan is not to be carried out any further."""
    done = "Cancelled. What was done before stays done."
    return _moved(request, prefix, _by(request, prefix, carrying.cancel), done)


def _by(request: HttpRequest, prefix: str, move: Callable[..., object]) -> Callable[[], object]:
    hash = here.ledger().kept_plans.read(prefix).hash
    return lambda: move(hash, here.place(), by=seat.sitting(request).name)


def _moved(request: HttpRequest, prefix: str, move: Callable[[], object], done: str) -> HttpResponse:
    """Move a plan and go back to its page; what was refused is said there."""
    try:
        move()
    except Refused as refused:
        messages.error(request, f"{refused.message} {refused.hint}".strip(), extra_tags="bad")
        return render(request, "desk/console/plans_one.html", plan_page.told(request, prefix), status=409)
    messages.success(request, done, extra_tags="good")
    return redirect("console:plan", prefix=plan_page.short(here.ledger().kept_plans.read(prefix).hash))


urlpatterns = [
    path("plans/<str:prefix>/approve/", approve, name="plan-approve"),
    path("plans/<str:prefix>/start/", start, name="plan-start"),
    path("plans/<str:prefix>/pause/", pause, name="plan-pause"),
    path("plans/<str:prefix>/resume/", resume, name="plan-resume"),
    path("plans/<str:prefix>/cancel/", cancel, name="plan-cancel"),
]
