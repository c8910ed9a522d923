"""`make demo-serve`: the desk on the example, made from nothing, served, stopped, and served again."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from desk.serving import Person, Project, Served, Visitor

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "janusipm"
PATIENCE = 180.0
ROLES = ("agent", "lead", "engineer", "auditor")


@contextmanager
def demo(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start the demo as somebody at a keyboard would; give the process, and what it printed once it serves."""
    command = [sys.executable, str(EXAMPLE / "serve.py"), "--port", "0", "--accounts", "1000"]
    piped = subprocess.PIPE
    process = subprocess.Popen(
        [*command, "--folder", str(folder)], stdout=piped, stdin=subprocess.DEVNULL, text=True
    )
    said = ""
    try:
        assert process.stdout is not None
        for line in process.stdout:
            said += line
            if line.startswith("What the server writes"):
                break
        yield process, said
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(180)


def interrupted(process: subprocess.Popen[str]) -> int:
    """Press Ctrl-C; return how the demo ended."""
    process.send_signal(signal.SIGINT)
    return process.wait(180)


def visitor(folder: Path, said: str, role: str) -> Visitor:
    """Sign one of the staff in by what was printed."""
    accounts = json.loads((folder / "accounts.json").read_text())
    staff = {name: Person(**one, staff=0) for name, one in accounts.items()}
    address = re.search(r"Desk +(http://\S+)/desk/", said)
    assert address is not None
    served = Served(
        project=Project(folder=folder, staff=staff),
        address=address[1],
        process=None,  # type: ignore[arg-type]
        log=folder / "none",
    )
    return served.signed_in(role)


def left_running(folder: Path) -> list[str]:
    """Return the commands of processes that still work in the demo's folder."""
    found = []
    for one in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = one.read_bytes().decode(errors="replace").replace("\0", " ")
        except OSError:
            continue
        if str(folder) in words:
            found.append(words)
    return found


def test_the_desk_is_made_served_stopped_and_served_again(tmp_path: Path) -> None:
    """Four roles sign in; requests, hold, promises and plans stand there; Ctrl-C leaves nothing; it starts again."""
    folder = tmp_path / "demo"
    with demo(folder) as (process, said):
        accounts = json.loads((folder / "accounts.json").read_text())
        assert all(accounts[role]["password"] in said and accounts[role]["secret"] in said for role in ROLES)
        assert (folder / "accounts.json").stat().st_mode & 0o077 == 0
        lead = visitor(folder, said, "lead")
        waiting = lead.get("/desk/plans/").words
        assert "waits for approval" in waiting
        assert "Enid Okafor" in waiting
        assert "paused" in lead.get("/desk/plans/?group=running").words
        assert "Broken" in lead.get("/desk/promises/").words
        assert "Claim 2291" in lead.get("/desk/holds/").words
        assert len(set(re.findall(r"/desk/requests/(\d+)/", lead.get("/desk/requests/").text))) >= 7
        assert "1 worker at work" in lead.get("/desk/jobs/").words
        assert lead.get("/").status == 200
        assert interrupted(process) == 0
    assert left_running(folder) == []
    port = int(re.search(r"localhost:(\d+)/desk", said)[1])  # type: ignore[index]
    with pytest.raises(OSError):
        socket.create_connection(("localhost", port), timeout=2).close()
    began = time.monotonic()
    with demo(folder) as (process, again):
        assert "Making" not in again
        assert accounts["lead"]["password"] in again
        assert time.monotonic() - began < PATIENCE
        lead = visitor(folder, again, "engineer")
        paused = re.search(r'href="(/desk/plans/[0-9a-f]{16}/)"', lead.get("/desk/plans/?group=running").text)
        assert paused is not None
        assert lead.post(f"{paused[1]}resume/").status == 200
        until = time.monotonic() + PATIENCE
        while "All of it is done." not in (page := lead.get(paused[1]).words):
            assert time.monotonic() < until, page
            time.sleep(0.3)
        assert interrupted(process) == 0
    assert left_running(folder) == []


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    """The demo ends with the server's own message, and leaves nothing."""
    folder = tmp_path / "demo"
    folder.mkdir()
    for name in ("troth.yaml", "policy.yaml", "datamap.yaml", "accepted.yaml", "policy.lock"):
        (folder / name).write_bytes((EXAMPLE / name).read_bytes())
    (folder / "accounts.json").write_text("{}")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, str(EXAMPLE / "serve.py"), "--port", port, "--folder", str(folder)]
        done = subprocess.run(command, text=True, capture_output=True, check=False, timeout=PATIENCE)
    assert done.returncode != 0
    assert "Nobody can listen" in done.stdout + done.stderr
    assert left_running(folder) == []


def test_a_folder_is_served_once(tmp_path: Path) -> None:
    """While one demo has the folder, another one, even a fresh one, leaves it alone and says why."""
    folder = tmp_path / "demo"
    folder.mkdir()
    (folder / "accounts.json").write_text("{}")
    with (tmp_path / "demo.lock").open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        command = [sys.executable, str(EXAMPLE / "serve.py"), "--fresh", "--folder", str(folder)]
        done = subprocess.run(command, text=True, capture_output=True, check=False, timeout=PATIENCE)
    assert done.returncode == 1
    assert "is served already" in done.stderr
    assert (folder / "accounts.json").is_file()


def test_ctrl_c_while_it_is_made(tmp_path: Path) -> None:
    """Stopped before it serves, the demo says so without a traceback, and leaves nothing running."""
    folder = tmp_path / "demo"
    command = [sys.executable, str(EXAMPLE / "serve.py"), "--port", "0", "--folder", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("Making")
    process.send_signal(signal.SIGINT)
    said, complained = process.communicate(timeout=180)
    assert process.returncode == 0
    assert "Stopped." in said
    assert "Traceback" not in complained
    assert left_running(folder) == []


@pytest.mark.parametrize(("typed", "says"), [(b"\n", "Later: make"), (b"n\n", "Later"), (b"\x04", "Later")])
def test_the_demo_offers_the_desk_on_a_terminal_and_takes_silence_for_no(typed: bytes, says: str) -> None:
    """Return, `n` and the end of input all leave it."""
    master, slave = pty.openpty()
    try:
        command = [sys.executable, "-c", "import demo; demo.offer()"]
        process = subprocess.Popen(command, cwd=EXAMPLE, stdin=slave, stdout=slave, stderr=slave)
        os.write(master, typed)
        assert process.wait(180) == 0
        assert says in os.read(master, 10_000).decode()
    finally:
        os.close(master)
        os.close(slave)


def test_the_demo_offers_nothing_where_nobody_sits() -> None:
    """In a pipeline it ends by itself."""
    command = [sys.executable, "-c", "import demo; demo.offer()"]
    done = subprocess.run(command, cwd=EXAMPLE, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, b"")
