"""The main job on one example, from promise to proof; ends by itself and leaves its folder to look at.

Each line that starts with `$` is a command as you would type it. Run it with `make demo`. On a terminal it offers to
open the desk at last; `make demo-serve` does so at once.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

HERE = Path(__file__).resolve().parent
WORK = HERE.parents[1] / ".troth" / "demo"
FILES = ("troth.yaml", "policy.yaml", "datamap.yaml", "accepted.yaml", "policy.lock", "elsewhere.yaml")
PERSON = 1
"""The account of the second part: in use, with payments, events, a mail, and messages with somebody else."""


def say(text: str) -> None:
    """Print what comes next."""
    bold, plain = ("\033[1m", "\033[0m") if sys.stdout.isatty() and "NO_COLOR" not in os.environ else ("", "")
    print(f"\n{bold}{text}{plain}", flush=True)


def troth(*arguments: str, expect: tuple[int, ...] = (0,), head: int = 0, width: int = 0) -> None:
    """Run a command in the demo's folder; show `head` of its lines, cut to `width`, where they are given."""
    print(f"$ troth {shlex.join(arguments)}", flush=True)
    command = [sys.executable, "-m", "troth", *arguments]
    environment = {**os.environ, "APP_DB": f"sqlite:///{WORK / 'app.sqlite'}"}
    piped = subprocess.PIPE
    done = subprocess.run(
        command, cwd=WORK, env=environment, text=True, stdout=piped, stderr=piped, check=False
    )
    lines = done.stdout.strip("\n").splitlines()
    shown = lines[:head] if head and len(lines) > head + 1 else lines
    more = [f"… and {len(lines) - len(shown)} more lines"] if len(shown) < len(lines) else []
    cut = [line if len(line) <= width or not width else f"{line[:width]}…" for line in shown]
    said = [*cut, *more, *done.stderr.splitlines()]
    print("\n".join(f"  {line}".rstrip() for line in said), flush=True)
    if done.returncode not in expect:
        sys.exit(f"troth {arguments[0]} ended with {done.returncode}, expected {expect}")


def set_up(accounts: int = 20_000) -> None:
    """Copy the project into an empty folder and make its store."""
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    for name in FILES:
        shutil.copy(HERE / name, WORK / name)
    at = datetime.now(UTC).date().isoformat()
    maker = [sys.executable, str(HERE / "generate.py"), "--out", str(WORK / "app.sqlite"), "--at", at]
    maker += ["--accounts", str(accounts)]
    subprocess.run(maker, check=True, stdout=subprocess.DEVNULL)


def people() -> None:
    """Tell the second part: one person, in a database, a lake of Parquet files, a mail archive and a paper file."""
    say("10. A person writes. Their data is in the database, an event lake, a mail archive and on a shelf.")
    everywhere()
    with sqlite3.connect(WORK / "app.sqlite") as connection:
        (email,) = connection.execute("SELECT email FROM accounts WHERE id = ?", (PERSON,)).fetchone()
    (WORK / "request.txt").write_text(f"email:{email}\n")
    troth("find", "--from", "request.txt")
    say("11. They get a copy: pages to read, JSON and CSV, a signed list of every file.")
    troth("export", "--from", "request.txt", "--out", "export", head=12)
    troth("export", "--verify", "export")
    say("12. They want to be erased. A copy of the database has been made before, as every night.")
    shutil.copy(WORK / "app.sqlite", WORK / "copy.sqlite")
    made = (datetime.now(UTC) - timedelta(hours=1)).isoformat(timespec="seconds")
    troth("backup", "add", "app", "--made", made, "--where", "the disk in the safe")
    troth("erase", "--from", "request.txt", "--plan", "erase.json")
    say(
        "13. Do it in every store, look again everywhere, certify. The shelf waits for a person: not finished."
    )
    troth("apply", "erase.json", "--certificate", "certificate.json", expect=(1,))
    say("14. The paper is gone too; somebody answers for it. Applying again looks once more, and finishes.")
    troth("task", "list")
    troth("task", "done", "1", "--by", "archive clerk")
    troth("apply", "erase.json", "--certificate", "certificate.json", head=5)
    say("15. A disk fails; last night's copy is put back, and with it comes the person.")
    shutil.copy(WORK / "copy.sqlite", WORK / "app.sqlite")
    troth("sweep", expect=(1,), head=8)
    troth(
        "replay",
        "app",
        "--restored-from",
        "backup:1",
        "--untouched",
        "--plan",
        "again.json",
        expect=(0, 4),
        head=14,
    )
    say("16. Erased again. Until the shelf was looked through once more, it is done partly.")
    troth("apply", "again.json", expect=(0, 1), head=17)
    troth("find", "--from", "request.txt", expect=(1,), head=6)


def everywhere() -> None:
    """Set up the second part in a folder of its own, with every store."""
    global WORK  # noqa: PLW0603 the second part has its own folder
    WORK = WORK / "everywhere"
    set_up(accounts=4_000)
    main_file = WORK / "troth.yaml"
    included = main_file.read_text().replace("accepted.yaml]", "accepted.yaml, elsewhere.yaml]")
    main_file.write_text(included)
    maker = [
        sys.executable,
        str(HERE / "elsewhere.py"),
        "--store",
        str(WORK / "app.sqlite"),
        "--into",
        str(WORK),
    ]
    subprocess.run(maker, check=True, stdout=subprocess.DEVNULL)


def offer() -> None:
    """Ask whoever sits at a terminal whether they want to see the desk; without an answer, no."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return
    try:
        said = input("\nOpen the desk in a browser now, with staff and open requests? [y/N] ")
    except (EOFError, KeyboardInterrupt):
        said = ""
    if said.strip().lower() in {"y", "yes"}:
        os.execv(sys.executable, [sys.executable, str(HERE / "serve.py")])
    print("\nLater: make demo-serve")


def main() -> None:
    """Tell the story."""
    began, first = time.monotonic(), WORK
    say("A company has published a privacy policy. Its rules are in policy.yaml; its data is in a database.")
    print("Making a store of 20,000 accounts, in which it is known what is past its end (PLANTED.md) ...")
    set_up()
    say("1. Do the files hold together, and what does the policy leave open?")
    troth("lint", head=28)
    say("2. Which promises are kept right now?")
    troth("check", "--only", "retention", expect=(1,))
    say("3. What would have to happen?")
    troth("plan", "retention", "--out", "plan.json")
    say("4. Why is one account still here?")
    troth("why", "app.accounts/1", expect=(0,))
    say("5. A court wants one person's data kept: a hold outranks every expiry, at once.")
    hold = ("hold", "add", "--ground", "court-order", "--scope", "customer/17", "--title", "case 4711")
    troth(*hold, "--owner", "legal", "--review", f"{datetime.now(UTC).year + 1}-01-31")
    say("6. Do it: in batches, each re-tested, each resumable; then look again, then purge.")
    troth("apply", "plan.json", "--backup-taken", "--by", "demo")
    say("7. And again: nothing happens twice.")
    troth("apply", "plan.json")
    say("8. Which promises are kept now?")
    troth("check", "--only", "retention", expect=(0, 4))
    say("9. Proof that anyone can verify, without a personal value in it.")
    troth("evidence", "list", "--last", "12", width=150)
    troth("check", "--format", "html", "--out", "report.html", expect=(0, 1, 4), head=4)
    troth("evidence", "export", "--out", "proof.zip")
    key = next(iter((WORK / ".troth" / "keys").glob("*.pub"))).read_text().strip()
    troth("evidence", "verify", "proof.zip", "--key", key)
    people()
    say(f"Done in {time.monotonic() - began:.0f} s. Look around in {first.relative_to(HERE.parents[1])}:")
    print("  report.html is for the board, plan.json says what was done, proof.zip is for the auditor.")
    print(
        "  everywhere/ is the second part; export/ in it is what the person got, certificate.json the proof."
    )


if __name__ == "__main__":
    main()
    offer()
