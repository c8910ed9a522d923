"""`troth serve` as a whole: web and worker under one supervisor that starts again what dies and stops cleanly."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from e2e.work_yard import Yard

PATIENCE = 180.0


class Served:
    """A running `troth serve`, and what it says."""

    def __init__(self, yard: Yard) -> None:
        self.log = yard.folder / "serve.log"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "troth", "serve", "--port", "0", "--processes", "1"],
            cwd=yard.folder,
            env=yard.environment,
            stdout=self.log.open("w"),
            stderr=subprocess.STDOUT,
        )

    def said(self) -> list[str]:
        """Return the lines it has written."""
        return self.log.read_text().splitlines()

    def children(self) -> dict[int, str]:
        """Return its own children with their commands, from /proc (proc(5))."""
        found = {}
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                try:
                    parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                    command = (folder / "cmdline").read_text().replace("\0", " ")
                except (OSError, IndexError):
                    continue
                if parent == self.process.pid:
                    found[int(folder.name)] = command
        return found

    def worker(self) -> int:
        """Return the worker's process, 0 where there is none."""
        return next((pid for pid, command in self.children().items() if "troth worker" in command), 0)

    def wait(self, what: Callable[[], bool]) -> None:
        """Wait until something is so."""
        deadline = time.monotonic() + PATIENCE
        while not what():
            assert time.monotonic() < deadline, self.said()
            assert self.process.poll() is None, self.said()
            time.sleep(0.05)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """Start it on a small project, and see that nothing is left of it."""
    yard = Yard(
        folder=tmp_path / "yard",
        app=f"sqlite:///{tmp_path}/app.sqlite",
        web=f"sqlite:///{tmp_path}/web.sqlite",
    )
    yard.fill(1, 1)
    made = Served(yard)
    yield made
    for pid in made.children():
        os.kill(pid, signal.SIGKILL)
    made.process.kill()
    made.process.wait(180)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_it_answers_heals_and_stops(served: Served) -> None:
    """It says where it listens, answers, starts a killed worker again, and stops with its children on SIGTERM."""
    served.wait(lambda: any(line.startswith("Listening on http://127.0.0.1:") for line in served.said()))
    address = served.said()[0].removeprefix("Listening on ")
    with urllib.request.urlopen(f"{address}/health/live", timeout=PATIENCE) as answer:
        assert answer.status == 200
    served.wait(lambda: served.said().count("At work: the only worker of this ledger.") == 1)
    first = served.worker()
    os.kill(first, signal.SIGKILL)
    served.wait(lambda: served.said().count("At work: the only worker of this ledger.") == 2)
    assert served.worker() not in {0, first}
    children = served.children()
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(180) == 0
    assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]
    assert "Stopped." in served.said()


def test_a_port_that_is_taken(served: Served, tmp_path: Path) -> None:
    """A second one on the same port leaves with exit 5 and says what to do."""
    served.wait(lambda: any(line.startswith("Listening on") for line in served.said()))
    port = served.said()[0].rpartition(":")[2]
    folder = tmp_path / "yard"
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.environ.get("PYTHONPATH", "src"), "HOME": "/"}
    done = subprocess.run(
        [sys.executable, "-m", "troth", "serve", "--port", port],
        cwd=folder,
        env={**environment, "PYTHONPATH": str(Path(__file__).parents[2] / "src")},
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert done.returncode == 5
    assert "choose another --port" in done.stderr


def test_faults_end_it(tmp_path: Path) -> None:
    """A project with faults ends it with the exit code of its first child, and nothing runs on."""
    folder = tmp_path / "yard"
    folder.mkdir()
    (folder / "troth.yaml").write_text("troth: 1\norganisation: {}\n")
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path(__file__).parents[2] / "src"),
        "HOME": "/",
    }
    done = subprocess.run(
        [sys.executable, "-m", "troth", "serve", "--port", "0"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert done.returncode == 2
    assert "organisation" in done.stderr
