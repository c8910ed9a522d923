"""The verifier is one file that an auditor can take away and run; these tests start it as a process."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from troth.evidence import verify
from unit.evidence.makers import VERIFIER, made_bundle, made_log


@pytest.fixture
def alone(tmp_path: Path) -> Path:
    """Return a folder with the verifier and a bundle, and nothing of Troth."""
    shutil.copy(verify.__file__, tmp_path / "verify.py")
    log = made_log(2, 5)
    (tmp_path / "bundle.zip").write_bytes(made_bundle(log))
    (tmp_path / "key.txt").write_text(VERIFIER + "\n")
    (tmp_path / "earlier.txt").write_text(next(log.checkpoints()))
    return tmp_path


def run(folder: Path, *arguments: str) -> tuple[int, str, str]:
    """Run the verifier isolated from everything around it."""
    command = [sys.executable, "-I", "verify.py", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_imports() -> None:
    """The file imports the standard library and cryptography, nothing else."""
    imported: set[str] = set()
    for node in ast.walk(ast.parse(Path(verify.__file__).read_text())):
        if isinstance(node, ast.Import):
            imported |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            imported.add(str(node.module).partition(".")[0])
    assert imported - sys.stdlib_module_names == {"cryptography"}


def test_verified(alone: Path) -> None:
    """With key and earlier checkpoint it says verified and exits 0; the key may be text or a file."""
    for key in (VERIFIER, "key.txt"):
        code, out, err = run(alone, "bundle.zip", "--key", key, "--since", "earlier.txt")
        assert (code, out.splitlines()[0], err) == (0, "verified", "")


def test_internally_consistent(alone: Path) -> None:
    """Without a key it says no more than internally consistent."""
    code, out, _ = run(alone, "bundle.zip")
    assert (code, out.splitlines()[0]) == (0, "internally consistent")


def test_not_verified(alone: Path) -> None:
    """A touched bundle exits 1 and names the place."""
    data = (alone / "bundle.zip").read_bytes()
    parts = data.partition(b'"hold:4"')
    (alone / "bundle.zip").write_bytes(parts[0] + b'"hold:5"' + parts[2])
    code, out, err = run(alone, "bundle.zip", "--key", "key.txt")
    assert (code, err) == (1, "")
    assert out.startswith(
        "not verified: entry 3 (line 4 of entries.jsonl): its content and its recorded hash"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("nothing.zip",),
        ("key.txt",),
        (".",),
        ("bundle.zip", "--key", "nothing.txt"),
        ("bundle.zip", "--key", "no+key"),
        ("bundle.zip", "--since", "nothing.txt"),
        ("bundle.zip", "--since", "bundle.zip"),
    ],
)
def test_cannot_be_read(alone: Path, arguments: tuple[str, ...]) -> None:
    """Missing or unusable files exit 2 with one line and no traceback."""
    code, out, err = run(alone, *arguments)
    assert (code, err) == (2, "")
    assert out.startswith("cannot be read: ")
