"""A ledger that an earlier Troth made is opened by this one: nothing is lost, the log verifies, work goes on."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from db.mailing import PROJECT
from e2e.test_ledger_copies import SRC, Desk

REPOSITORY = SRC.parent
BEFORE = "17d242a"
"""The last commit whose ledger knew nothing of accounts, plans and messages."""
NIGHT = "2026-02-20T09:00:00Z"


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the source of the earlier Troth; skip where the history is not at hand."""
    asked = ["git", "-C", str(REPOSITORY), "archive", BEFORE, "src"]
    try:
        done = subprocess.run(asked, capture_output=True, check=False)
    except OSError:
        pytest.skip("git is not installed")
    if done.returncode:
        pytest.skip("the history of the project is not here")
    folder = tmp_path_factory.mktemp("earlier")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder / "src"


@pytest.fixture(params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Desk:
    """Return a project, with a ledger to be on each database."""
    folder = tmp_path / "office"
    folder.mkdir()
    (folder / "troth.yaml").write_text(
        PROJECT.replace("contacts:", "laws: [eu-gdpr]\n  contacts:"), encoding="utf-8"
    )
    made = Desk(folder)
    if request.param == "postgresql":
        made.environment["TROTH_LEDGER"] = request.getfixturevalue("pg_url")
    return made


def by_earlier(desk: Desk, source: Path) -> Callable[..., str]:
    """Return what gives commands of the earlier Troth."""

    def troth(*words: str) -> str:
        environment = {**os.environ, "PYTHONPATH": str(source), "TROTH_TEST_CLOCK": NIGHT, **desk.environment}
        # -P and the path first: what is installed here must not be found instead.
        script = f"import sys; sys.path.insert(0, {str(source)!r}); from troth.__main__ import main; sys.exit(main())"
        command = [sys.executable, "-c", script, *words]
        done = subprocess.run(
            command, cwd=desk.folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return troth


def test_a_ledger_of_an_earlier_version_is_brought_up_to_date(desk: Desk, earlier: Path) -> None:
    """Requests, letters, holds, choices and every entry of the log are there; new work is written behind them."""
    before = by_earlier(desk, earlier)
    for name in ("anna", "bert"):
        identity = (
            "--identity",
            f"email:{name}@example.org",
            "--name",
            name,
            "--reply-to",
            f"{name}@example.org",
        )
        before("request", "open", "access", *identity, "--residence", "DE", "--by", "Sam")
    pinned = desk.folder / "pin"
    before("evidence", "checkpoint", "--out", str(pinned))
    shown = {name: json.loads(before("request", "show", str(name), "--format", "json")) for name in (1, 2)}
    letters = json.loads(before("outbox", "list", "--format", "json"))
    log = before("evidence", "list", "--last", "0")

    said = desk.troth("doctor")
    assert "of an older version" in said
    assert before("request", "list"), "looking must not have upgraded it"

    assert desk.troth("evidence", "list", "--last", "0").startswith(log.rstrip("\n"))
    assert "verified" in desk.troth("evidence", "verify", "--since", str(pinned))
    for name, one in shown.items():
        after = json.loads(desk.troth("request", "show", str(name), "--format", "json"))
        assert {key: after[key] for key in one if key not in ("left", "days-left")} == {
            key: one[key] for key in one if key not in ("left", "days-left")
        }
    assert json.loads(desk.troth("outbox", "list", "--format", "json")) == letters
    assert (
        "anna"
        in desk.troth("request", "show", "1", "--contents", "--because", "upgrade", "--by", "Sam").lower()
    )
    desk.ask("carl")
    box = desk.folder / "box" / "new"
    box.mkdir(parents=True)
    (box / "1").write_bytes(b"From: dora@example.org\nSubject: hi\n\nDelete my data.\n")
    assert "Wait for a person: 1." in desk.troth(
        "mailbox", "check", "--from", f"maildir:{box.parent}", "--by", "Sam"
    )
    assert "verified" in desk.troth("evidence", "verify", "--since", str(pinned))


def test_an_earlier_version_refuses_a_newer_ledger(desk: Desk, earlier: Path) -> None:
    """Going back is not offered: it says so, and changes nothing."""
    desk.ask("anna")
    with pytest.raises(AssertionError, match="newer Troth"):
        by_earlier(desk, earlier)("request", "list")
    assert "verified" in desk.troth("evidence", "verify")
