"""An export killed outright, anywhere: no half package under its name, nothing personal where nobody would look."""

from __future__ import annotations

import stat
import time
from pathlib import Path

import pytest

from e2e.shops import Shop

PEOPLE = 150
PARTIAL = ".out.partial-"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """Make a shop whose people are all asked for, with a folder of its own for temporary files."""
    made = Shop.make(tmp_path / "shop", f"sqlite:///{tmp_path}/shop.sqlite", customers=PEOPLE)
    (made.folder / "who.txt").write_text("".join(f"id:{n}\n" for n in range(1, PEOPLE + 1)))
    (tmp_path / "tmp").mkdir()
    return made.having(TMPDIR=str(tmp_path / "tmp"))


def partial(shop: Shop) -> list[Path]:
    """List what stopped exports have left."""
    return sorted(shop.folder.glob(f"{PARTIAL}*"))


def killed(shop: Shop, folders: int) -> bool:
    """Start an export and kill it once it has written so many folders; tell whether it was still at work."""
    known = set(partial(shop))
    process = shop.start("export", "--from", "who.txt", "--out", "out")
    deadline = time.monotonic() + 180
    while process.poll() is None:
        assert time.monotonic() < deadline
        new = [path for path in partial(shop) if path not in known]
        if new and sum(1 for _ in new[0].glob("person-*")) >= folders:
            break
        time.sleep(0.001)
    process.kill()
    process.communicate(timeout=180)
    return process.returncode == -9


def test_kills_leave_no_half_package(shop: Shop) -> None:
    """Killed again and again: the name stays free, leftovers are private and named, and a rerun is whole."""
    before = {path.name for path in shop.folder.iterdir()}
    deaths = [killed(shop, folders) for folders in (0, 1, PEOPLE // 2, PEOPLE)]
    left = partial(shop)
    assert any(deaths)
    assert len(left) == sum(deaths)
    for path in (one for folder in left for one in (folder, *folder.rglob("*"))):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, "nobody else may read what is left"
    others = {path.name for path in shop.folder.iterdir()} - before - {path.name for path in left}
    if all(deaths):
        assert others <= {".troth"}
        done = shop.troth("export", "--from", "who.txt", "--out", "out")
        assert done.returncode == 0, done.stdout + done.stderr
        assert all(folder.name in done.stdout for folder in left)
        assert "delete it" in done.stdout or "delete them" in done.stdout
    assert shop.troth("export", "--verify", "out").returncode == 0
    assert len(list((shop.folder / "out").glob("person-*"))) == PEOPLE
    assert partial(shop) == left, "the rerun leaves nothing of its own"
    assert list((shop.folder.parent / "tmp").rglob("*")) == []
    ledger = b"".join(p.read_bytes() for p in (shop.folder / ".troth").rglob("*") if p.is_file())
    assert b"n77@example.org" not in ledger.lower()
    shop.troth("evidence", "checkpoint")
    assert shop.troth("evidence", "verify").stdout.startswith("verified")
