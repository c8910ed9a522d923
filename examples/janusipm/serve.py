"""Serve the desk on the example: staff of each role, open requests, a broken promise, plans; until Ctrl-C.

Run it with `make demo-serve`. The first start makes everything (about half a minute); later ones go on with what is
there, `--fresh` makes it anew. All of it lies in `.troth/demo-desk`.
"""

from __future__ import annotations

import argparse
import base64
import fcntl
import hashlib
import hmac
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WORK = ROOT / ".troth" / "demo-desk"
FILES = ("troth.yaml", "policy.yaml", "datamap.yaml", "accepted.yaml", "policy.lock")
READY = "accounts.json"
"""Written last: with it the folder is whole."""
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PORT = 8000
PATIENCE = 90
"""Seconds the server may take to answer."""
ROLES = {
    "agent": "leads requests",
    "lead": "decides, holds, approves plans",
    "engineer": "makes plans, jobs, settings",
    "auditor": "looks, changes nothing",
}
Accounts = Mapping[str, Mapping[str, str]]


def environment(folder: Path) -> dict[str, str]:
    """Return the variables every process of the demo gets."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("TROTH_")}
    return {**inherited, "APP_DB": f"sqlite:///{folder / 'app.sqlite'}", "TROTH_HOSTS": "localhost"}


def alone(folder: Path) -> int:
    """Keep others out of the folder until this process ends: one that makes it anew would take it from under us."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    held = os.open(folder.with_name(f"{folder.name}.lock"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(f"{shown(folder)} is served already: stop that first, or name another --folder.")
    return held


def prepare(folder: Path, *, fresh: bool, accounts: int) -> Accounts:
    """Make the folder unless it is there and whole; return who may sign in."""
    ready = folder / READY
    if fresh or not ready.is_file():
        print(f"Making the example in {shown(folder)} ...", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
        for name in FILES:
            shutil.copy(HERE / name, folder / name)
        project = folder / "troth.yaml"
        # Here a second person must approve what touches more than twenty rows.
        project.write_text(project.read_text().replace("limits: {", "limits: {approve-over: 20, "))
        today = datetime.now(UTC).date().isoformat()
        maker = [
            "generate.py",
            "--out",
            str(folder / "app.sqlite"),
            "--at",
            today,
            "--accounts",
            str(accounts),
        ]
        run(folder, *maker)
        made = run(folder, "desk.py", str(folder))
        private = os.open(ready, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(private, "w") as file:
            file.write(made)
    found: Accounts = json.loads(ready.read_text())
    return found


def run(folder: Path, script: str, *arguments: str) -> str:
    """Run a script of this folder; return what it printed. What it complains of is shown where it fails by itself.

    Signals wait until the script is known, so that none leaves it running behind us.
    """
    command, pipe = [sys.executable, str(HERE / script), *arguments], subprocess.PIPE
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    script_at_work = subprocess.Popen(command, env=environment(folder), text=True, stdout=pipe, stderr=pipe)
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
        said, complained = script_at_work.communicate()
    finally:
        script_at_work.kill()
        script_at_work.wait()
    if script_at_work.returncode:
        sys.exit(f"{complained}{script} ended with {script_at_work.returncode}")
    return said


def shown(folder: Path) -> str:
    """Return a path as it is shortest from here."""
    return str(folder.relative_to(ROOT)) if folder.is_relative_to(ROOT) else str(folder)


def code(secret: str, at: float) -> str:
    """Return the code an authenticator app shows at an instant (RFC 6238)."""
    counter = struct.pack(">Q", int(at) // 30)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def tell(address: str, accounts: Accounts) -> None:
    """Print where to go, and who may sign in."""
    print(f"\nPrivacy centre   {address}/", f"Desk             {address}/desk/", sep="\n")
    print(f"Interface        {address}/api/docs\n")
    for role, one in accounts.items():
        print(f"  {one['name']:<12} {role:<9} {ROLES[role]}")
        print(f"    {one['email']}  password {one['password']}")
        uri = f"otpauth://totp/Troth:{one['email']}?secret={one['secret']}&issuer=Troth"
        print(f"    {uri}")
    print(
        "\nThe demo sends no mail: letters and codes wait in the desk under Mail; an agent can confirm who asks."
    )
    codes(accounts)


def codes(accounts: Accounts) -> None:
    """Print the codes that are good now."""
    now = time.time()
    left = 30 - int(now) % 30
    said = "   ".join(f"{role} {code(one['secret'], now)}" for role, one in accounts.items())
    print(f"\nCodes for the next {left} s: {said}")
    print("Enter shows the codes of the moment; Ctrl-C stops everything.", flush=True)


def serve(folder: Path, port: int, accounts: Accounts) -> int:
    """Serve until Ctrl-C, or until the server ends by itself; nothing is left running."""
    command = [sys.executable, "-m", "troth", "serve", "--port", str(port), "--processes", "1"]
    log = folder / "serve.log"
    with log.open("w") as errors:
        server = subprocess.Popen(
            command,
            cwd=folder,
            env=environment(folder),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,  # Ctrl-C reaches this process alone, which then tells the server
        )
    try:
        address = listening(server)
        if address is None or not answers(server, address):
            stop(server)
            print(log.read_text(), end="", file=sys.stderr)
            return server.returncode or 1
        tell(address, accounts)
        print(f"What the server writes stands in {shown(log)}.", flush=True)
        if sys.stdin.isatty():
            threading.Thread(target=_show_codes, args=(accounts,), daemon=True).start()
        return server.wait()
    except KeyboardInterrupt:
        print("\nStopping ...", flush=True)
        return 0
    finally:
        stop(server)


def _interrupted(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _show_codes(accounts: Accounts) -> None:
    for _ in sys.stdin:
        codes(accounts)


def listening(server: subprocess.Popen[str]) -> str | None:
    """Return the address the server says it listens on; None where it ends before."""
    assert server.stdout is not None
    for line in server.stdout:
        if found := re.search(r"http://[\w.\[\]:]+:(\d+)", line):
            threading.Thread(target=server.stdout.read, daemon=True).start()  # so that it never blocks on us
            return f"http://localhost:{found[1]}"
    return None


def answers(server: subprocess.Popen[str], address: str) -> bool:
    """Wait until pages come."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and server.poll() is None:
        try:
            with urlopen(f"{address}/health/live", timeout=5) as page:
                return page.status == 200
        except (URLError, OSError):
            time.sleep(0.2)
    return False


def stop(server: subprocess.Popen[str]) -> None:
    """Tell the server to stop, and see that nothing of it is left."""
    for name, seconds in ((signal.SIGTERM, 40), (signal.SIGKILL, 10)):
        if server.poll() is not None:
            break
        if name is signal.SIGKILL:
            os.killpg(server.pid, name)
        else:
            server.send_signal(name)
        try:
            server.wait(seconds)
        except subprocess.TimeoutExpired:
            continue


def main() -> int:
    """Read the arguments, make what is missing, serve."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, default=PORT, help="port to listen on; 0 takes a free one")
    parser.add_argument("--fresh", action="store_true", help="make the example anew")
    parser.add_argument("--accounts", type=int, default=2_000, help="accounts in the store")
    parser.add_argument("--folder", type=Path, default=WORK, help="where it lies")
    given = parser.parse_args()
    folder = given.folder.resolve()
    for name in STOPS:
        signal.signal(name, _interrupted)
    alone(folder)
    try:
        return serve(folder, given.port, prepare(folder, fresh=given.fresh, accounts=given.accounts))
    except KeyboardInterrupt:
        print("\nStopped. The next start makes what is missing.", flush=True)
        return 0


if __name__ == "__main__":
    sys.exit(main())
