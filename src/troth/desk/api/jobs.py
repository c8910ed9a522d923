"""Work of the workers: checks that another system asks for, and how far any job is."""

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from ninja import Body, Path, Router, Schema

from troth.app.systems import jobs as api_jobs
from troth.desk import here
from troth.desk.api import caller, once
from troth.desk.api.caller import Bearer
from troth.desk.api.fields import Given
from troth.desk.api.once import Done, once_apart
from troth.desk.api.problem import Stop

checks = Router(tags=["checks"])
jobs = Router(tags=["jobs"])
SCOPES = ("checks:run", "plans:read")


class Job(Schema):
    """Work that a worker does."""

    id: str
    kind: str
    state: str
    """waiting, running, done, failed or cancelled."""
    made: datetime | None = None
    ended: datetime | None = None


class Nothing(Given):
    """Nothing needs to be said."""


@checks.post("", response={202: Job}, auth=Bearer("checks:run"), operation_id="runChecks")
@once_apart
def run_checks(request: HttpRequest, given: Annotated[Nothing, Body()]) -> Done:
    """Have every promise checked as soon as a worker is free. The results are at /promises then."""
    del given
    id = api_jobs.check(here.place(), once.named(request))
    body = Job(id=id, kind=api_jobs.CHECK, state="waiting")
    return Done(status=202, body=body, location=f"/api/v1/jobs/{id}")


@jobs.get("/{id}", response=Job, auth=Bearer(), operation_id="readJob")
def read_job(request: HttpRequest, id: Annotated[str, Path(max_length=200)]) -> Job:
    """Say how far a job is; wants checks:run or plans:read."""
    if not set(SCOPES) & set(caller.of(request).key.scopes):
        raise Stop("no-scope", f"It would need the scope {' or '.join(SCOPES)}.")
    found = api_jobs.read(here.place(), id)
    if found is None:
        raise Stop("not-found", "There is no such job; those that ended are forgotten after some days.")
    return Job(id=found.id, kind=found.kind, state=found.state, made=found.made_at, ended=found.ended_at)
