"""One case on one screen: where it stands, what comes next with its form, what was found, what happened.

Views only: the page is put together in `case_page`, steps are done in `case_acts`. What is said of the person is
shown for half an hour to whoever gave a reason.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from troth.app import tasks
from troth.app.casework import beside as besides
from troth.app.proving import identity as proving
from troth.app.requests import views as request_views
from troth.app.requests.opening import Doing
from troth.app.screens import case_jobs
from troth.desk import faults, here
from troth.desk.accounts import seat
from troth.desk.accounts.seat import needs
from troth.desk.console import case_acts, case_forms, case_page, case_words
from troth.desk.console.case_acts import ACTS, Ask
from troth.errors import TrothError
from troth.letters import model
from troth.letters import text as plain
from troth.problems import BadInput

MOST_VALID = 12
"""Valid values that are listed beside a fault."""


@require_GET
@needs("look")
def show(request: HttpRequest, id: int) -> HttpResponse:
    """Show a case; `do` opens the form of a step."""
    page = case_page.build(request, id, step=request.GET.get("do", ""))
    return render(request, "desk/console/case.html", {"page": page})


@require_POST
@needs("lead-requests")
def act(request: HttpRequest, id: int, step: str) -> HttpResponseBase:
    """Do a step, if the role may."""
    if step not in ACTS:
        raise Http404
    return needs(ACTS[step].deed)(_act)(request, id, step)


def _act(request: HttpRequest, id: int, step: str) -> HttpResponse:
    form = case_page.bound(request, id, step)
    if form is None:
        words = case_words.STEPS[step]
        told = f"“{words.title}” cannot be done now: the case has moved on. What may be done is shown below."
        return _again(request, id, told)
    if not form.is_valid():
        return _shown(request, id, step, form, 422)
    if step == "answer" and "preview" in request.POST:
        return _preview(request, id, form)
    if ACTS[step].long and _handed_over(request, id, step, form):
        return redirect("console:case", id=id)
    try:
        done = case_acts.do(step, Ask(id=id, form=form, place=here.place(), by=seat.sitting(request).name))
    except TrothError as error:
        return _shown(request, id, step, form, _told(form, error))
    say = messages.success if done.good else messages.warning
    say(request, done.says, extra_tags="good" if done.good else "soon")
    for note in done.notes:
        messages.info(request, note)
    return redirect("console:case", id=id)


@require_POST
@needs("read-people")
def read(request: HttpRequest, id: int) -> HttpResponse:
    """Take a reason, write down who reads, and show what is said of the person."""
    form = case_forms.Reading(request.POST)
    if not form.is_valid():
        return _reading(request, id, form, 422)
    try:
        by = seat.sitting(request).name
        request_views.read(id, form.cleaned_data["because"], here.place(), by=by)
    except BadInput as error:
        if any(one.code == faults.UNKNOWN for one in error.problems):
            raise
        return _reading(request, id, form, _told(form, error))
    case_page.remember(request, id)
    return redirect("console:case", id=id)


@require_GET
@needs("read-people")
def package(request: HttpRequest, id: int) -> HttpResponse:
    """Show the person's rows beside what of them is handed out."""
    if case_page.reading_until(request, id) is None:
        return _again(request, id, "The package holds what is known of the person: give a reason to read it.")
    by = seat.sitting(request).name
    page = case_page.build(request, id, step="redacted")
    sheets = besides.beside(case_page.desk(by), id)
    return render(request, "desk/console/case_package.html", {"page": page, "sheets": sheets})


@require_GET
@needs("read-people")
def letter(request: HttpRequest, id: int, letter: int) -> HttpResponse:
    """Show a letter of a case as it went or waits."""
    shown = request_views.show(id, here.place())
    record = next((one for one in shown.letters if one.id == letter), None)
    if record is None:
        raise Http404
    if case_page.reading_until(request, id) is None:
        return _again(request, id, "The letter says who the person is: give a reason to read it.")
    opened = here.ledger().outbox.open(letter)
    made = model.decode(opened.letter)
    said = {"id": id, "record": record, "to": opened.to, "letter": made, "text": plain.render(made)}
    said["parts"] = case_page.parts_of(made)
    return render(request, "desk/console/case_letter.html", said)


@require_POST
@needs("read-people")
def paper(request: HttpRequest, id: int, paper: int) -> HttpResponse:
    """Hand out a paper somebody sent as proof; who read it and why is an event of the case."""
    form = case_forms.Reading(request.POST)
    if not form.is_valid():
        return _again(request, id, "Say why you need to see the document.")
    at = here.place()
    where = proving.Place(folder=at.folder, environment=at.environment, clock=at.clock)
    doing = Doing(by=seat.sitting(request).name)
    try:
        data = proving.read_paper(id, paper, form.cleaned_data["because"], doing, where)
    except TrothError as error:
        return _again(request, id, f"{error.message} {case_words.plainly(error.hint)}")
    made = HttpResponse(data, content_type="application/octet-stream")
    made["Content-Disposition"] = f'attachment; filename="paper-{paper}"'
    made["Cache-Control"] = "no-store"
    return made


@require_POST
@needs("lead-requests")
def task(request: HttpRequest, id: int, task: int) -> HttpResponse:
    """Mark a task of a case done."""
    at = here.place()
    shown = request_views.show(id, at)
    if not any(one.id == task for one in shown.tasks):
        raise Http404
    try:
        tasks.done([task], at.folder, at.environment, at.clock, by=seat.sitting(request).name)
    except BadInput as error:
        return _again(request, id, error.problems[0].message)
    messages.success(request, "The task is done, by your name.", extra_tags="good")
    return redirect("console:case", id=id)


@require_GET
@needs("look")
def progress(request: HttpRequest, id: int) -> HttpResponse:
    """Say how far the long step of a case is; once it is over, have the page loaded anew."""
    request_views.show(id, here.place())
    job = case_jobs.last(here.place(), id)
    response = render(request, "desk/console/case_progress.html", {"job": job})
    if job is None or not job.at_work:
        response["HX-Refresh"] = "true"
    return response


def _handed_over(request: HttpRequest, id: int, step: str, form: case_forms.Step) -> bool:
    """Hand a long step to a worker, if one is at work and the case is as it was seen."""
    at = here.place()
    case = request_views.show(id, at).case
    if len(case.events) != form.cleaned_data["seen"]:
        return False
    by = seat.sitting(request).name
    return case_jobs.hand_over(at, case, step, by=by, joined=form.cleaned_data.get("joined", False))


def _preview(request: HttpRequest, id: int, form: case_forms.Step) -> HttpResponse:
    try:
        prepared = case_page.preview(request, id, form)
    except TrothError as error:
        return _shown(request, id, "answer", form, _told(form, error))
    page = case_page.build(request, id, step="answer", form=form, prepared=prepared)
    return render(request, "desk/console/case.html", {"page": page, "previewed": True})


def _shown(request: HttpRequest, id: int, step: str, form: case_forms.Step, status: int) -> HttpResponse:
    page = case_page.build(request, id, step=step, form=form)
    return render(request, "desk/console/case.html", {"page": page}, status=status)


def _reading(request: HttpRequest, id: int, form: case_forms.Reading, status: int) -> HttpResponse:
    page = case_page.build(request, id)
    said = {"page": page, "reading": form}
    return render(request, "desk/console/case.html", said, status=status)


def _again(request: HttpRequest, id: int, told: str) -> HttpResponse:
    """Show the case as it stands now, with what could not be done and why."""
    page = case_page.build(request, id)
    return render(request, "desk/console/case.html", {"page": page, "told": told}, status=409)


def _told(form: case_forms.Step | case_forms.Reading, error: TrothError) -> int:
    """Put what is wrong beside its field, or above all; return the status of the page."""
    if not isinstance(error, BadInput):
        form.add_error(None, f"{error.message} {case_words.plainly(error.hint)}".strip())
        found = faults.of(error)
        return found.status if found else 409
    for problem in error.problems:
        part = f"part_{problem.valid[0]}" if problem.code == "missing-part" and problem.valid else ""
        listed = ", ".join(problem.valid) if len(problem.valid) <= MOST_VALID and not part else ""
        valid = f" Valid: {listed}." if listed else ""
        says = f"{problem.message} {case_words.plainly(problem.hint)}{valid}"
        name = next((one for one in (problem.about, part) if one in form.fields), None)
        form.add_error(name, says.strip())
    return 422


urlpatterns = [
    path("requests/<int:id>/", show, name="case"),
    path("requests/<int:id>/read/", read, name="case-read"),
    path("requests/<int:id>/do/<slug:step>/", act, name="case-act"),
    path("requests/<int:id>/progress/", progress, name="case-progress"),
    path("requests/<int:id>/package/", package, name="case-package"),
    path("requests/<int:id>/letters/<int:letter>/", letter, name="case-letter"),
    path("requests/<int:id>/papers/<int:paper>/", paper, name="case-paper"),
    path("requests/<int:id>/tasks/<int:task>/", task, name="case-task"),
]
