"""Plans and checks by the interface: a key makes a plan, another one approves it, a worker does the work."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from desk.api_calls import Api, is_problem, make_keys
from desk.serving import Project, Served
from troth.client import ClientError, Plan

PATIENCE = 180.0


@pytest.fixture(scope="module")
def project(janusipm: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a copy in which a second person must approve every plan."""
    made = janusipm.copy(tmp_path_factory.mktemp("project") / "janusipm")
    main = made.folder / "troth.yaml"
    text = main.read_text()
    assert "limits: {rows: 25000, share: 5}" in text
    main.write_text(text.replace("share: 5}", "share: 5, approve-over: 1}"))
    return made


@pytest.fixture(scope="module")
def api(desk: Served) -> Api:
    """Return the interface of the served desk."""
    return Api(served=desk, keys=make_keys(desk.project))


@pytest.fixture(scope="module")
def plan(api: Api) -> Plan:
    """Return a plan that waits for approval."""
    made = api.client().make_plan()
    assert made is not None
    return made


@contextmanager
def worker(project: Project) -> Iterator[None]:
    """Let a worker do what waits."""
    command = [sys.executable, "-m", "troth", "worker"]
    with (project.folder / "worker.log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=project.folder, env=project.environment, stdout=log, stderr=log
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(180)


def test_a_plan_is_made_and_read_in_sentences(api: Api, plan: Plan) -> None:
    """With what goes, what stays, and what would stop it now."""
    read = api.client("reads").plan(plan.hash[:20])
    assert (read.hash, read.state, read.rows) == (plan.hash, "waiting", plan.rows)
    assert any("users" in one or "account" in one for one in read.sentences)
    assert [one.hash for one in api.client().plans(state="waiting")] == [plan.hash]
    told = api.get(f"/plans/{plan.hash}").json
    assert sum(step["rows"] for step in told["steps"]) == plan.rows
    assert any("backup" in one for one in told["obstacles"])


def test_nobody_approves_a_plan_of_their_own(api: Api, plan: Plan) -> None:
    """The key that made it has no such scope; until somebody else agrees it does not start."""
    assert is_problem(api.post(f"/plans/{plan.hash}/approve", {}), 403, "no-scope")
    assert is_problem(api.post(f"/plans/{plan.hash}/start", {"backup_taken": True}), 409, "refused")


def test_without_a_scope_no_plan_moves(api: Api, plan: Plan) -> None:
    """Reading is not making."""
    for deed in ("start", "pause", "resume", "cancel"):
        assert is_problem(api.post(f"/plans/{plan.hash}/{deed}", {}, "reads"), 403, "no-scope")
    assert is_problem(api.post("/plans", {}, "reads"), 403, "no-scope")
    assert is_problem(api.post("/checks", {}, "reads"), 403, "no-scope")
    assert is_problem(api.get("/plans", "opens"), 403, "no-scope")
    assert api.client().plan(plan.hash).state == "waiting"


@pytest.mark.parametrize("hash", ["0" * 64, "x", "..", "sha256:", "%27%20OR%201=1", "f" * 3_000])
def test_a_plan_that_is_none_is_not_found(api: Api, hash: str) -> None:
    """Whatever stands in its place."""
    assert api.get(f"/plans/{hash}").status in (400, 404)
    assert api.post(f"/plans/{hash}/cancel", {}).status in (400, 404)


@pytest.mark.parametrize(
    "body", [{"allow": "users"}, {"backup_taken": "yes"}, {"allow": [1]}, {"force": True}, []]
)
def test_a_start_that_is_none_is_a_fault(api: Api, plan: Plan, body: object) -> None:
    """Nothing is let pass that nobody said."""
    assert is_problem(api.post(f"/plans/{plan.hash}/start", body), 422, "faults")


def test_a_job_that_is_none_is_not_found(api: Api) -> None:
    """Nor is one shown to a key that has no business with jobs."""
    assert is_problem(api.get("/jobs/nothing"), 404, "not-found")
    assert is_problem(api.get("/jobs/nothing", "opens"), 403, "no-scope")


def test_a_plan_is_paused_resumed_and_cancelled(api: Api) -> None:
    """Each once; what cannot be done in its state is refused, and changes nothing."""
    client = api.client()
    made = client.make_plan()
    assert made is not None
    api.client("approves").approve_plan(made.hash)
    allow = [step["dataset"] for step in api.get(f"/plans/{made.hash}").json["steps"]]
    assert client.start_plan(made.hash, backup_taken=True, allow=allow).state == "running"
    assert client.pause_plan(made.hash).state == "paused"
    with pytest.raises(ClientError) as refused:
        client.pause_plan(made.hash)
    assert refused.value.problem.status == 409
    assert client.resume_plan(made.hash).state == "running"
    assert client.cancel_plan(made.hash).state == "cancelled"
    with pytest.raises(ClientError):
        client.start_plan(made.hash, backup_taken=True, allow=allow)


def test_from_approval_to_the_end(api: Api, plan: Plan) -> None:
    """Approved by another key and started; a worker checks and carries out; the log says by whom."""
    client = api.client()
    assert api.client("approves").approve_plan(plan.hash).state == "approved"
    allow = [step["dataset"] for step in api.get(f"/plans/{plan.hash}").json["steps"]]
    started = client.start_plan(plan.hash, backup_taken=True, allow=allow)
    assert (started.state, started.started_by) == ("running", client.me().acts_as)
    first = client.check(idempotency="check-1")
    assert client.check(idempotency="check-1") == first
    assert (client.promises(), client.job(first.id).state) == ((), "waiting")
    with worker(api.served.project):
        until = time.monotonic() + PATIENCE
        while client.plan(plan.hash).state == "running" or client.job(first.id).state != "done":
            assert time.monotonic() < until, (api.served.project.folder / "worker.log").read_text()[-4000:]
            time.sleep(0.2)
    ended = client.plan(plan.hash)
    assert (ended.state, ended.reason) == ("done", "")
    assert len(client.promises()) > 20
    mine = [one for one in client.evidence() if one.body.get("plan") == plan.hash]
    by = {one.kind: one.body.get("by") for one in mine}
    assert by["plan.kept"] == by["plan.started"] == client.me().acts_as
    assert by["plan.approved"] == api.client("approves").me().acts_as
    assert "apply.finished" in by
