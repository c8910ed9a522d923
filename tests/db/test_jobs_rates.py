"""How many jobs of a queue are at work at once, and how many begin within a time: counted by the jobs themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.test_jobs import Team
from troth.jobs.model import Queue

SLACK = 0.2
"""Seconds by which a job may write down its beginning later than it began."""


@pytest.fixture(params=["sqlite", "postgresql"])
def team(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Team]:
    """Return a database of jobs and how many workers can share it."""
    lite = request.param == "sqlite"
    found = Team(f"sqlite:///{tmp_path}/jobs.sqlite" if lite else request.getfixturevalue("pg_url"), tmp_path)
    found.limits(
        Queue(name="rated", at_once=None, rate=(3, 2.0)),
        *(Queue(name=name) for name in ("east", "west")),
        Queue(name="pair", at_once=2),
    )
    yield found
    found.end()


def _start(team: Team) -> None:
    for _ in range(1 if team.file else 2):
        team.worker()


def _spans(team: Team, prefix: str = "") -> list[tuple[float, float]]:
    """Return when each job that has ended began and ended, by the clock of this machine."""
    begun: dict[str, float] = {}
    spans = []
    for line in team.lines():
        if line[0] == "begin" and line[1].startswith(prefix):
            begun[line[1]] = float(line[2])
        elif line[0] == "end" and line[1].startswith(prefix):
            spans.append((begun[line[1]], float(line[2])))
    return sorted(spans)


def _at_once(spans: list[tuple[float, float]]) -> int:
    """Return how many were at work at the same time, at most."""
    return max(sum(begin <= at < end for begin, end in spans) for at, _ in spans)


def test_a_rate_takes_its_time(team: Team) -> None:
    """Of ten jobs of which three may begin in two seconds, never four do, so the last begins after six seconds."""
    for number in range(10):
        team.put("span", f"r{number}", queue="rated", who=f"r{number}")
    _start(team)
    team.wait(lambda: len(_spans(team)) == 10)
    begun = [begin for begin, _ in _spans(team)]
    assert begun[-1] - begun[0] >= 6.0 - SLACK
    assert all(later - first >= 2.0 - SLACK for first, later in zip(begun, begun[3:], strict=False))


def test_so_many_are_at_work_at_once(team: Team) -> None:
    """Of ten jobs of which two may be at work, two are and never three, however many workers there are."""
    for number in range(10):
        team.put("span", f"p{number}", queue="pair", who=f"p{number}", seconds=0.4)
    _start(team)
    team.wait(lambda: len(_spans(team)) == 10)
    assert _at_once(_spans(team)) == 2


def test_a_changed_limit_holds_from_now_on(team: Team) -> None:
    """A queue that is narrowed while workers are at work lets jobs through one by one within two seconds."""
    _start(team)
    for worker in team.workers:
        assert worker.stdout is not None
        worker.stdout.readline()  # it has set its own limits by now
    team.limits(Queue(name="pair", at_once=1))
    team.put("span", "first", queue="pair", who="first", seconds=1.5)  # workers look once a second
    team.wait(lambda: len(_spans(team)) == 1)
    for number in range(4):
        team.put("span", f"p{number}", queue="pair", who=f"p{number}", seconds=0.3)
    team.wait(lambda: len(_spans(team, "p")) == 4)
    assert _at_once(_spans(team, "p")) == 1


def test_a_job_in_two_places_keeps_to_both(team: Team) -> None:
    """Jobs that go into two places and jobs of one of them are never at work there at the same time."""
    for number in range(2):
        team.put("both", f"b{number}", who=str(number), turns=2, seconds=0.3)
        for place in ("east", "west"):
            team.put("span", f"{place}{number}", queue=place, who=f"{place}{number}", seconds=0.3)
    _start(team)
    team.wait(lambda: len(_spans(team)) == 8)
    for place in ("east", "west"):
        assert _at_once([*_spans(team, "both"), *_spans(team, place)]) == 1
    team.wait(lambda: not team.orders.listed(states=("waiting", "running")))
    assert {one.kind for one in team.orders.listed(prefix="in-")} == {"admission"}
    assert len(team.orders.listed(prefix="in-")) == 8


def test_admissions_count_towards_the_rate(team: Team) -> None:
    """Turns of a job from another queue begin no more often than the queue they go into lets them."""
    team.put("paced", "a", who="a", turns=7)
    _start(team)
    team.wait(lambda: len(_spans(team)) == 7)
    begun = [begin for begin, _ in _spans(team)]
    assert begun[-1] - begun[0] >= 4.0 - SLACK


def test_a_killed_worker_gives_its_places_back(team: Team) -> None:
    """A job whose worker is killed while it is in two places goes on, and what waits for them gets in after it."""
    team.put("both", "b", who="b", turns=3, seconds=0.5)
    first = team.worker()
    team.wait(lambda: any(line[0] == "begin" for line in team.lines()))
    first.kill()
    first.wait(30)
    team.put("span", "east", queue="east", who="east", seconds=0.1)
    team.worker()
    team.wait(lambda: team.state("b") == "done" and team.state("east") == "done")
    assert _at_once([*_spans(team, "both"), *_spans(team, "east")]) == 1


def test_a_job_taken_back_lets_others_in(team: Team) -> None:
    """Where the job is cancelled while it is in, its admissions end by themselves."""
    team.put("both", "b", who="b", turns=50, seconds=0.1)
    _start(team)
    team.wait(lambda: any(line[0] == "begin" for line in team.lines()))
    team.orders.cancel("b")
    team.put("span", "west", queue="west", who="west")
    team.wait(lambda: team.state("west") == "done")
    team.wait(lambda: not team.orders.listed(states=("waiting", "running")))
