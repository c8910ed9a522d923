"""Jobs on the desk: who is at work, what waits in which queue, what was given up and why, what is due when."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from troth.app import working
from troth.app.screens import jobs as jobs_seen
from troth.desk import here
from troth.desk.accounts.seat import needs
from troth.errors import Refused


@require_GET
@needs("look")
def show(request: HttpRequest) -> HttpResponse:
    """Show how work stands."""
    return _page(request)


@require_GET
@needs("look")
def now(request: HttpRequest) -> HttpResponse:
    """Show the part of it that changes."""
    return render(request, "desk/console/jobs_now.html", {"seen": jobs_seen.look(here.place())})


@require_POST
@needs("run")
def check(request: HttpRequest) -> HttpResponse:
    """Have every promise checked as soon as a worker is free."""
    working.check_now(here.place())
    messages.success(request, "The check was handed to the workers.", extra_tags="good")
    return redirect("console:jobs")


@require_POST
@needs("run")
def cancel(request: HttpRequest, id: str) -> HttpResponse:
    """Take a job back."""
    try:
        jobs_seen.cancel(id, here.place())
    except Refused as refused:
        messages.error(request, f"{refused.message} {refused.hint}".strip(), extra_tags="bad")
        return _page(request, status=409)
    messages.success(request, "The job was taken back.", extra_tags="good")
    return redirect("console:jobs")


def _page(request: HttpRequest, *, status: int = 200) -> HttpResponse:
    return render(request, "desk/console/jobs.html", {"seen": jobs_seen.look(here.place())}, status=status)


urlpatterns = [
    path("jobs/", show, name="jobs"),
    path("jobs/now/", now, name="jobs-now"),
    path("jobs/check/", check, name="jobs-check"),
    path("jobs/<str:id>/cancel/", cancel, name="jobs-cancel"),
]
