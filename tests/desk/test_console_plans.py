"""Plans and jobs on the desk: read, approved by a second person, started, watched, paused; and who may do what."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

from desk import serving
from desk.conftest import Opened
from desk.looking import assert_accessible, assert_fits, shot
from desk.serving import Project, Served, Visitor

PLANS = "/desk/plans/"
MOVES = ("approve", "start", "pause", "resume", "cancel")
START = {"start-backup": "on"}
PATIENCE = 60.0


@pytest.fixture(scope="module")
def project(janusipm: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a project in which a second person must approve every plan."""
    copy = janusipm.copy(tmp_path_factory.mktemp("plans") / "janusipm")
    said = copy.folder / "troth.yaml"
    said.write_text(said.read_text().replace("limits: {", "limits: {approve-over: 0, "))
    return copy


@contextmanager
def worker(project: Project) -> Iterator[None]:
    """Have a worker at work."""
    command = [sys.executable, "-m", "troth", "worker"]
    with (project.folder / "worker.log").open("w") as log:
        at_work = subprocess.Popen(
            command, cwd=project.folder, env=project.environment, stdout=log, stderr=log
        )
        try:
            yield
        finally:
            at_work.terminate()
            at_work.wait(PATIENCE)


def made(desk: Served, role: str = "engineer") -> str:
    """Make a plan by the button; return its address."""
    answer = desk.signed_in(role).post(f"{PLANS}make/")
    assert re.fullmatch(rf"{PLANS}[0-9a-f]{{16}}/", answer.path), (answer.status, answer.words)
    return answer.path


@pytest.fixture(scope="module")
def plan(desk: Served) -> str:
    """Return the address of a plan of the engineer's that waits, and goes on waiting."""
    return made(desk)


def buttons(visitor: Visitor, path: str) -> list[str]:
    """Return what a page offers somebody to do with a plan."""
    return re.findall(rf'action="{path}(\w+)/"', visitor.get(path).text)


def test_a_project_without_plans_says_what_to_do(desk: Served) -> None:
    """Empty states name the next step, or who takes it; this runs before any plan is made."""
    engineer = desk.signed_in("engineer")
    assert "The privacy lead or an engineer makes one" in desk.signed_in("auditor").get(PLANS).words
    assert "No plan waits. Make one" in engineer.get(PLANS).words
    assert "Start one that is ready" in engineer.get(f"{PLANS}?group=running").words


def test_a_plan_reads_as_sentences_with_counts_reasons_and_basis(desk: Served, plan: str) -> None:
    """What goes, what stays and until when, what would stop it, what it was made from, who did what."""
    page = desk.signed_in("auditor").get(plan).words
    assert re.search(r"Delete \d+ rows of app\.cookies where the cookie ran out", page)
    assert "retention.cookie" in page
    assert re.search(
        r"stay because rows of app\.payments still need them\. (Until: )?when those rows go", page
    )
    assert "nobody has said yet that a backup exists" in page
    assert "Policy and data map" in page
    assert "Kept, to be looked at (Enid Okafor)" in page


def test_a_plan_shows_its_sql(desk: Served, plan: str) -> None:
    """Each step as one statement, and that the stores look as they did."""
    page = desk.signed_in("auditor").get(f"{plan}sql/")
    assert "The stores look as they did" in page.words
    assert "DELETE FROM" in page.words
    assert page.text.count("<details") >= 10


def test_two_plans_are_compared(desk: Served, plan: str) -> None:
    """A plan made again at once would do the same; without another there is nothing to compare with."""
    other = made(desk)
    page = desk.signed_in("auditor").get(f"{plan}compare/?with={other.split('/')[-2]}")
    assert "No difference" in page.words
    desk.signed_in("engineer").post(f"{other}cancel/")


def test_the_maker_is_not_offered_to_approve_and_is_refused(desk: Served, plan: str) -> None:
    """A second pair of eyes is somebody else's."""
    engineer, lead = desk.signed_in("engineer"), desk.signed_in("lead")
    assert buttons(engineer, plan) == ["cancel"]
    assert buttons(lead, plan) == ["approve", "cancel"]
    refused = engineer.post(f"{plan}approve/")
    assert refused.status == 409
    assert "Whoever made a plan cannot approve it" in refused.words
    assert "waits for approval" in refused.words


def test_a_plan_that_was_not_approved_does_not_start(desk: Served, plan: str) -> None:
    """Whoever asks, and whatever they say."""
    refused = desk.signed_in("lead").post(f"{plan}start/", START)
    assert refused.status == 409
    assert "it cannot be started" in refused.words


def test_who_only_looks_changes_nothing(desk: Served, plan: str) -> None:
    """The auditor sees no button and is refused every move; the agent too."""
    for role in ("auditor", "agent"):
        visitor = desk.signed_in(role)
        assert buttons(visitor, plan) == []
        answers = [visitor.post(f"{plan}{move}/") for move in MOVES]
        answers += [visitor.post(f"{PLANS}make/"), visitor.post("/desk/jobs/check/")]
        assert {answer.status for answer in answers} == {403}
    assert "waits for approval" in desk.signed_in("lead").get(plan).words


def test_nobody_gets_in_without_signing_in(desk: Served, plan: str) -> None:
    """Every page and every move leads to signing in."""
    visitor = desk.visitor()
    pages = [
        PLANS,
        plan,
        f"{plan}sql/",
        f"{plan}compare/",
        f"{plan}progress/",
        "/desk/jobs/",
        "/desk/jobs/now/",
    ]
    assert {visitor.get(path, follow=False).status for path in pages} == {302}
    assert {visitor.post(f"{plan}{move}/", follow=False).status for move in MOVES} == {302}


@pytest.mark.parametrize("prefix", ["0" * 16, "zzz", "%00", "..", "%3Cscript%3E", "a" * 3_000, "1=1%20--"])
def test_a_plan_that_is_none_is_not_found(desk: Served, prefix: str) -> None:
    """Whatever stands in its place, on every page of it."""
    engineer = desk.signed_in("engineer")
    for path in ("", "sql/", "compare/", "progress/"):
        assert engineer.get(f"{PLANS}{prefix}/{path}").status in (400, 404, 414)
    assert engineer.post(f"{PLANS}{prefix}/start/", START).status in (400, 404, 414)


def test_moves_take_no_get_and_pages_no_post(desk: Served, plan: str) -> None:
    """The wrong method is said to be one."""
    engineer = desk.signed_in("engineer")
    assert {engineer.get(f"{plan}{move}/").status for move in MOVES} == {405}
    assert engineer.post(plan).status == 405
    assert engineer.post("/desk/jobs/").status == 405


@pytest.mark.parametrize("hostile", ["<script>", "'; DROP TABLE x", "9" * 400, "-1", "\0", "é"])
def test_hostile_filters_show_the_list(desk: Served, hostile: str) -> None:
    """What is no group, page or plan shows the first group, the first page, or is not found; never an error."""
    engineer = desk.signed_in("engineer")
    shown = 400 if hostile == "\0" else 200
    assert engineer.get(f"{PLANS}?group={quote(hostile)}&page={quote(hostile)}").status == shown
    assert engineer.get(f"{made_once(desk)}compare/?with={quote(hostile)}").status in (400, 404)


def made_once(desk: Served) -> str:
    """Return the address of some plan."""
    found = re.search(rf'href="({PLANS}[0-9a-f]{{16}}/)"', desk.signed_in("engineer").get(PLANS).text)
    return found[1] if found else made(desk)


def test_starting_asks_for_a_backup_beside_its_field(desk: Served) -> None:
    """Nothing typed is lost; said so, it goes to the workers, and can be paused, resumed and cancelled."""
    engineer, path = desk.signed_in("engineer"), made(desk)
    desk.signed_in("lead").post(f"{path}approve/")
    asked = engineer.post(f"{path}start/", {})
    assert asked.status == 422
    assert "Make a backup, then say so here." in asked.words
    assert "handed to the workers" in engineer.post(f"{path}start/", START).words
    assert buttons(engineer, path) == ["pause", "cancel"]
    assert "Paused" in engineer.post(f"{path}pause/").words
    assert engineer.post(f"{path}pause/").status == 409
    assert buttons(engineer, path) == ["resume", "cancel"]
    assert "Cancelled" in engineer.post(f"{path}cancel/").words
    assert buttons(engineer, path) == []


def test_a_changed_policy_is_said_before_and_refused_at_the_start(desk: Served) -> None:
    """The page says why and what to do; the button is gone, and the server refuses."""
    path = made(desk)
    desk.signed_in("lead").post(f"{path}approve/")
    file = desk.project.folder / "troth.yaml"
    before = file.read_text()
    file.write_text(before.replace("drift: 10", "drift: 11").replace("share: 5", "share: 6"))
    try:
        engineer = desk.signed_in("engineer")
        page = engineer.get(path)
        assert "The policy or the data map has changed since it was made." in page.words
        assert "Make a new plan, read it, and cancel this one." in page.words
        assert buttons(engineer, path) == ["cancel"]
        assert engineer.post(f"{path}start/", START).status == 409
    finally:
        file.write_text(before)


def test_a_hold_that_came_after_the_plan_is_shown(desk: Served) -> None:
    """What it keeps is left out when the plan runs; the plan is not stale for it."""
    path = made(desk)
    place = ("hold", "add", "--ground", "legal-hold", "--scope", "customer/5", "--title", "Claim 9")
    desk.project.troth(*place, "--owner", "legal", "--review", "2099-01-31")
    page = desk.signed_in("lead").get(path).words
    assert re.search(r"Placed after the plan was made: hold \d+", page)
    desk.signed_in("engineer").post(f"{path}cancel/")


def test_jobs_show_how_hard_each_store_may_be_worked(desk: Served) -> None:
    """As the data map says it now: at once, and within a minute; a queue without a rate says so."""
    file = desk.project.folder / "datamap.yaml"
    good = file.read_text()
    file.write_text(
        good.replace('url: "${APP_DB}",', 'url: "${APP_DB}", work: {at-once: 3, per-minute: 25},')
    )
    try:
        assert file.read_text() != good
        page = desk.signed_in("auditor").get("/desk/jobs/now/").words
    finally:
        file.write_text(good)
    assert "Store app 3 25 a minute 0 0" in page
    assert "Checks 1 any number" in page


def test_jobs_say_who_works_and_what_is_due(desk: Served) -> None:
    """Without a worker the page says what starts one; queues and schedules stand there."""
    page = desk.signed_in("auditor").get("/desk/jobs/").words
    assert "No worker is at work" in page
    assert "Store app" in page
    assert "every night at 02:10 UTC" in page


def test_a_job_is_put_in_and_taken_back(desk: Served) -> None:
    """By who may run jobs; those of plans are moved with their plan, and others of no name are not found."""
    engineer = desk.signed_in("engineer")
    assert "handed to the workers" in engineer.post("/desk/jobs/check/").words
    page = engineer.get("/desk/jobs/").text
    path = next(one for one in re.findall(r'action="(/desk/jobs/[^"]+/cancel/)"', page) if "check-" in one)
    assert desk.signed_in("lead").post(path).status == 403
    assert "taken back" in engineer.post(path).words
    assert engineer.post(path).status == 409
    assert engineer.post("/desk/jobs/nothing/cancel/").status == 404


@pytest.mark.browser
def test_everybody_can_use_it(desk: Served, plan: str, open_page: Opened) -> None:
    """In light and dark, wide and narrow: axe finds nothing serious, and the page fits its window."""
    pages = {
        "plans": PLANS,
        "plan": plan,
        "plan-sql": f"{plan}sql/",
        "plan-compare": f"{plan}compare/?with={plan.split('/')[-2]}",
        "jobs": "/desk/jobs/",
    }
    for name, path in pages.items():
        for width in (1280, 390):
            page = open_page(path, role="lead", width=width, dark=width == 390)
            assert_accessible(page)
            assert_fits(page)
            shot(page, f"{name}-{width}")


@pytest.mark.browser
def test_a_lead_approves_an_engineers_plan_and_watches_it_finish(desk: Served, open_page: Opened) -> None:
    """Approved, started, at work before their eyes, done; a page without scripts says the same."""
    path = made(desk)
    page = open_page(path, role="lead")
    page.get_by_role("button", name="Approve this plan").click()
    page.get_by_text("You approved the plan").wait_for()
    page.get_by_label("A backup of app was taken").check()
    page.get_by_role("button", name="Start it").click()
    page.get_by_text("handed to the workers").wait_for()
    plain = open_page(path, role="auditor", javascript=False)
    plain.get_by_role("link", name="See how far it is now").wait_for()
    shot(page, "plan-running-1280")
    with worker(desk.project):
        page.get_by_text("All of it is done.").wait_for(timeout=PATIENCE * 1_000)  # nobody reloads it
        plain.reload()
    page.locator(".badge", has_text="done").first.wait_for()
    plain.get_by_text("All of it is done.").wait_for()
    assert_accessible(page)
    shot(page, "plan-done-1280")
    words = desk.signed_in("auditor").get(path).words
    assert "Approved (Leo Brandt)" in words
    assert "Work ended" in words


def test_a_plan_above_the_limit_waits_for_a_second_person_on_the_command_line_too(
    janusipm: Project, tmp_path: Path
) -> None:
    """`troth apply` refuses it and keeps it; once somebody else agreed, the same command goes on."""
    bare = janusipm.copy(tmp_path / "janusipm")
    said = bare.folder / "troth.yaml"
    said.write_text(said.read_text().replace("limits: {", "limits: {approve-over: 0, "))
    bare.troth("plan", "retention", "--out", "plan.json")
    bare.troth("apply", "plan.json", "--backup-taken", "--by", "Ada", expect=(5,))
    with serving.serving(bare) as served:
        lead = served.signed_in("lead")
        found = re.search(rf'href="({PLANS}[0-9a-f]{{16}}/)"', lead.get(PLANS).text)
        assert found is not None
        assert lead.post(f"{found[1]}approve/").status == 200
        assert "done" in bare.troth("apply", "plan.json", "--backup-taken", "--by", "Ada")
        page = lead.get(found[1]).words
        assert "All of it is done." in page
        assert buttons(lead, found[1]) == []
