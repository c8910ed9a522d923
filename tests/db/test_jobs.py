"""Durable jobs with real processes that are killed, on SQLite and on PostgreSQL."""

from __future__ import annotations

import fcntl
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from troth import ledger as ledgers
from troth.jobs import slots
from troth.jobs.model import Order, Place, Queue
from troth.jobs.orders import Orders, open_orders

SCRIPT = Path(__file__).with_name("job_worker.py")
SRC = Path(__file__).parents[2] / "src"
PATIENCE = 180.0


class Team:
    """Workers on one database, and what they wrote down."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.log = url, folder / "log"
        self.file = Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite") else None
        self.place = Place(url=url, file=self.file)
        self.workers: list[subprocess.Popen[str]] = []
        self.orders: Orders = open_orders(self.place)
        self.limits(Queue(name="q", at_once=8), Queue(name="narrow"))

    def limits(self, *queues: Queue) -> None:
        """Make queues, or limit them anew."""
        for queue in queues:
            self.orders.limit(queue)

    def worker(self, *, off: float = 0) -> subprocess.Popen[str]:
        """Start a worker."""
        pipe = subprocess.PIPE
        command = [sys.executable, str(SCRIPT), self.url, str(self.log), str(off)]
        process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env={"PYTHONPATH": str(SRC)}
        )
        self.workers.append(process)
        return process

    def put(self, kind: str, id: str, *, queue: str = "q", **given: str | int | float) -> None:
        """Put a job in."""
        self.orders.put(Order(kind=kind, id=id, queue=queue, given=given))

    def wait(self, what: Callable[[], bool]) -> None:
        """Wait until something is so."""
        deadline = time.monotonic() + PATIENCE
        while not what():
            assert time.monotonic() < deadline, self.lines()
            time.sleep(0.02)

    def state(self, id: str) -> str:
        """Return the state of a job."""
        found = self.orders.read(id)
        assert found is not None
        return found.state

    def lines(self) -> list[list[str]]:
        """Return what the workers wrote down, a line's last word being the process."""
        return [line.split() for line in self.log.read_text().splitlines()] if self.log.exists() else []

    def turns(self, who: str) -> list[int]:
        """Return the turns a job took."""
        return [int(line[1]) for line in self.lines() if line[0] == who]

    def tables(self) -> str:
        """Return everything the database of jobs holds, as text."""
        if self.file is not None:
            with closing(sqlite3.connect(self.file)) as connection:
                return "\n".join(connection.iterdump())
        with psycopg.connect(self.url.replace("+psycopg", "")) as connection:
            names = connection.execute(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = 'troth_jobs'"
            ).fetchall()
            found = [
                connection.execute(f'SELECT t::text FROM troth_jobs."{n[0]}" t').fetchall() for n in names
            ]
        return str(found)

    def end(self) -> None:
        """End every worker."""
        for process in self.workers:
            process.kill()
            process.communicate(timeout=PATIENCE)
        self.orders.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def team(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Team]:
    """Return a database of jobs without a worker yet."""
    lite = request.param == "sqlite"
    found = Team(f"sqlite:///{tmp_path}/jobs.sqlite" if lite else request.getfixturevalue("pg_url"), tmp_path)
    yield found
    found.end()


@pytest.fixture
def pg_team(pg_url: str, tmp_path: Path) -> Iterator[Team]:
    """Return the same on PostgreSQL alone."""
    found = Team(pg_url, tmp_path)
    yield found
    found.end()


@pytest.fixture
def lite_team(tmp_path: Path) -> Iterator[Team]:
    """Return the same on SQLite alone."""
    found = Team(f"sqlite:///{tmp_path}/jobs.sqlite", tmp_path)
    yield found
    found.end()


def test_a_killed_worker_loses_nothing(team: Team) -> None:
    """Killed in the middle of a job, the next worker goes on with the turn at work and repeats no other one."""
    team.put("count", "long", who="long", turns=12, seconds=0.1)
    first = team.worker()
    team.wait(lambda: len(team.turns("long")) >= 5)
    first.kill()
    first.wait(PATIENCE)
    team.worker()
    team.wait(lambda: team.state("long") == "done")
    again = {turn: n for turn, n in Counter(team.turns("long")).items() if n > 1}
    assert sorted(set(team.turns("long"))) == list(range(1, 13))
    assert len(again) <= 1
    assert all(n == 2 for n in again.values())


def test_the_same_id_is_one_job(team: Team) -> None:
    """A job put in three times, and one whose parent puts jobs in, are each done once."""
    for _ in range(3):
        team.put("count", "once", who="once", turns=1)
        team.put("parent", "p", who="p")
    team.worker()
    team.wait(lambda: all(len(team.turns(who)) == n for who, n in (("once", 1), ("p.1", 2), ("p.2", 2))))
    team.put("count", "once", who="once", turns=1)
    team.put("count", "last", who="last", turns=1)
    team.wait(lambda: team.state("last") == "done")
    assert team.turns("once") == [1]


def test_a_job_is_read_by_its_whole_id(team: Team) -> None:
    """However many jobs have an id that begins so; an id that is none, or holds odd signs, reads nothing."""
    for id in ("j", "j-1", "j-1-app"):
        team.put("count", id, who=id, turns=1)
    found = team.orders.read("j-1")
    assert found is not None
    assert (found.id, found.kind, found.state) == ("j-1", "count", "waiting")
    assert [team.orders.read(id) for id in ("j-", "%", "j_1", "x'; --", "")] == [None] * 5


def test_faults_leave_no_value(team: Team) -> None:
    """What a fault says stands neither in the database of jobs nor in the log; the job is given up with a code."""
    team.put("bug", "b")
    team.put("away", "a")
    worker = team.worker()
    team.wait(
        lambda: {tuple(line[:2]) for line in team.lines()} >= {("failed", "bug"), ("failed", "store-away")}
    )
    team.wait(lambda: (team.state("a"), team.state("b")) == ("failed", "failed"))
    said, complained = worker.communicate("stop\n", timeout=PATIENCE)
    assert said.endswith("clean\n")
    assert '"error": "ValueError"' in complained
    assert "canary" not in complained + team.tables()


def test_told_to_stop_it_stops_between_turns(team: Team) -> None:
    """A worker that is told to stop ends its turn and leaves the job to the next, which repeats nothing."""
    team.put("count", "j", who="j", turns=20, seconds=0.2)
    first = team.worker()
    team.wait(lambda: len(team.turns("j")) >= 3)
    said, _ = first.communicate("stop\n", timeout=PATIENCE)
    assert said.endswith("clean\n")
    assert first.returncode == 0
    team.worker()
    team.wait(lambda: team.state("j") == "done")
    assert sorted(set(team.turns("j"))) == list(range(1, 21))


def test_what_is_due_is_done_once(team: Team) -> None:
    """The schedule's job of a minute is one, though a worker started again asks for it again."""
    team.worker()
    team.wait(lambda: any(one.state == "done" for one in team.orders.listed(prefix="scheduled-tick")))
    team.workers[0].kill()
    team.workers[0].wait(PATIENCE)
    team.worker()
    team.put("count", "last", who="last", turns=1)
    team.wait(lambda: team.state("last") == "done")
    done = [line for line in team.lines() if line[0] == "tick"]
    assert 1 <= len(done) <= len(team.orders.listed(prefix="scheduled-tick")) <= 3


@pytest.mark.parametrize("jump", [-86_400.0, 86_400.0])
def test_a_clock_that_jumps(lite_team: Team, jump: float) -> None:
    """After a jump of a day either way the schedule goes on at once, with one job and not a day's worth."""
    team = lite_team
    for off in (0.0, jump):
        before = len([line for line in team.lines() if line[0] == "tick"])
        worker = team.worker(off=off)
        team.wait(lambda seen=before: len([line for line in team.lines() if line[0] == "tick"]) > seen)
        worker.kill()
        worker.wait(PATIENCE)
    assert len([line for line in team.lines() if line[0] == "tick"]) <= 4


def test_a_second_worker_is_refused(lite_team: Team) -> None:
    """Beside a SQLite ledger there is one worker; a second one leaves with exit 5, and one may come after a kill."""
    team = lite_team
    first = team.worker()
    assert first.stdout is not None
    assert first.stdout.readline() == "alone\n"
    assert slots.at_work(team.url, team.place.lock) == 1
    said, _ = team.worker().communicate(timeout=PATIENCE)
    assert said.startswith("exit 5: Another worker is at work")
    first.kill()
    first.wait(PATIENCE)
    assert slots.at_work(team.url, team.place.lock) == 0
    third = team.worker()
    assert third.stdout is not None
    assert third.stdout.readline() == "alone\n"


def test_a_look_keeps_no_worker_out(tmp_path: Path) -> None:
    """A process that looks whether somebody works has the lock for an instant; a worker that starts then waits."""
    lock = tmp_path / "jobs.lock"
    looking = lock.open("wb")
    fcntl.flock(looking, fcntl.LOCK_SH)
    done = threading.Timer(0.1, looking.close)
    done.start()
    with slots.only_one(lock):
        assert slots.at_work("", lock) == 1
    done.join()


def test_a_full_disk_ends_the_worker(lite_team: Team) -> None:
    """A worker that cannot keep what a turn came to ends with words; once there is room the next one finishes."""
    team = lite_team
    team.put("count", "j", who="j", turns=20, seconds=0.1)
    first = team.worker()
    team.wait(lambda: len(team.turns("j")) >= 3)
    resource.prlimit(first.pid, resource.RLIMIT_FSIZE, (1_000, 1_000))
    assert first.wait(PATIENCE) == 3
    assert first.stdout is not None
    assert "The database of jobs cannot be reached or written." in first.stdout.read()
    assert team.state("j") == "running"
    team.worker()
    team.wait(lambda: team.state("j") == "done")
    assert sorted(set(team.turns("j"))) == list(range(1, 21))


def test_an_end_that_was_not_kept(lite_team: Team) -> None:
    """A worker whose job ended while the disk was full ends as well, though there is room again."""
    team = lite_team
    team.put("count", "j", who="j", turns=1, seconds=0.5)
    first = team.worker()
    team.wait(lambda: team.turns("j") == [1])
    resource.prlimit(first.pid, resource.RLIMIT_FSIZE, (1_000, resource.RLIM_INFINITY))
    assert first.stderr is not None
    assert any('"not kept"' in line for line in first.stderr)
    resource.prlimit(first.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert first.wait(PATIENCE) == 3
    team.worker()
    team.wait(lambda: team.state("j") == "done")


def test_only_the_owner_reads_the_file(lite_team: Team) -> None:
    """The database of jobs and its lock are nobody else's to read."""
    worker = lite_team.worker()
    assert worker.stdout is not None
    worker.stdout.readline()
    assert lite_team.file is not None
    assert lite_team.place.lock is not None
    for path in (lite_team.file, lite_team.place.lock):
        assert path.stat().st_mode & 0o077 == 0


def test_a_living_worker_takes_over(pg_team: Team) -> None:
    """With no spare at hand, the jobs of a killed worker are finished by one that lives, within seconds."""
    first, second = pg_team.worker(), pg_team.worker()
    for process in (first, second):
        assert process.stdout is not None
        assert process.stdout.readline().startswith("slot-")
    assert slots.at_work(pg_team.url, None) == 2
    for number in range(8):
        pg_team.put("count", f"j{number}", who=f"j{number}", turns=6, seconds=0.3)
    pg_team.wait(lambda: any(pg_team.turns(f"j{n}") for n in range(8)))
    busy = next(int(line[-1]) for line in pg_team.lines() if line[0].startswith("j"))
    killed = next(process for process in (first, second) if process.pid == busy)
    killed.kill()
    killed.wait(PATIENCE)
    pg_team.wait(lambda: all(pg_team.state(f"j{n}") == "done" for n in range(8)))
    for number in range(8):
        found = Counter(pg_team.turns(f"j{number}"))
        assert sorted(found) == list(range(1, 7))
        assert sum(n - 1 for n in found.values()) <= 1


def test_a_slot_goes_to_the_next(pg_team: Team) -> None:
    """A new worker takes the slot of a dead one, and three workers have three slots."""
    three = [pg_team.worker() for _ in range(3)]
    names = {process.stdout.readline() for process in three if process.stdout}
    assert names == {"slot-1\n", "slot-2\n", "slot-3\n"}
    three[1].kill()
    three[1].wait(PATIENCE)
    fourth = pg_team.worker()
    assert fourth.stdout is not None
    assert fourth.stdout.readline() in names


def test_without_its_slot_a_worker_ends(pg_team: Team) -> None:
    """A worker whose connection breaks ends, for another may have its jobs by then."""
    worker = pg_team.worker()
    assert worker.stdout is not None
    worker.stdout.readline()
    with psycopg.connect(pg_team.url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [slots.SPACE],
        )
    assert worker.wait(PATIENCE) == 3
    assert "holds this worker's slot" in worker.stdout.read()


def test_a_queue_lets_one_through(pg_team: Team) -> None:
    """With two workers, a queue of one at a time never has two jobs at work, also after one of them was killed."""
    team = pg_team
    for number in range(6):
        team.put("count", f"n{number}", queue="narrow", who=f"n{number}", turns=2, seconds=0.1)
    workers = [team.worker(), team.worker()]
    team.wait(lambda: len(team.lines()) >= 4)
    workers[0].send_signal(signal.SIGKILL)
    workers[0].wait(PATIENCE)
    team.wait(lambda: all(team.state(f"n{n}") == "done" for n in range(6)))
    order = [line[0] for line in team.lines() if line[0].startswith("n")]
    runs = [who for place, who in enumerate(order) if place == 0 or order[place - 1] != who]
    assert sorted(runs) == sorted(set(runs))


@pytest.mark.parametrize("first", ["ledger", "jobs"])
def test_ledger_and_jobs_share_a_database(pg_url: str, tmp_path: Path, first: str) -> None:
    """On PostgreSQL the ledger opens beside the jobs' schema, whichever came first."""

    def open_ledger() -> None:
        ledgers.open(pg_url, keys_dir=tmp_path / "keys").close()

    def open_jobs() -> None:
        open_orders(Place(url=pg_url)).close()

    for step in (
        (open_ledger, open_jobs, open_ledger) if first == "ledger" else (open_jobs, open_ledger, open_jobs)
    ):
        step()
    with psycopg.connect(pg_url) as connection:
        schemas = connection.execute("SELECT DISTINCT table_schema FROM information_schema.tables").fetchall()
    assert {("public",), ("troth_jobs",)} <= set(schemas)
