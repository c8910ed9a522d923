"""Open a project's folder: its files, its published text, its lock.

The only reader of a project's files. Parsing and checking are done by the pure packages; here are the folder, the
size limits on what is read, and the words for what cannot be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from troth.catalog import controllers
from troth.catalog.datamap import DataMap
from troth.grammar.project import MAIN
from troth.policy import lint
from troth.policy.lint.acceptance import Sorted
from troth.policy.model import Policy
from troth.policy.text import lock as locks
from troth.policy.text import reading as texts
from troth.policy.text.lock import Lock
from troth.policy.text.model import Text
from troth.problems import BadInput, Problem, faults, in_order
from troth.reading.project import Reading, read_project
from troth.spans import Span

LARGEST = 2_000_001
"""A byte more than the largest file the language reads: enough to see that a file is too large."""
LARGEST_TEXT = texts.MAX_BYTES + 1
REMEMBERED = 8
"""Projects a process remembers."""


@dataclass(frozen=True, kw_only=True)
class Project:
    """A project's folder as it was read."""

    folder: Path
    reading: Reading
    text: Text | None
    """The published text, where it is at hand."""
    lock: Lock | None
    unreadable: tuple[Problem, ...] = ()
    """Faults of the text and the lock themselves."""

    @property
    def policy(self) -> Policy:
        """Return the promises of a project without faults."""
        assert self.reading.policy is not None
        return self.reading.policy

    @property
    def datamap(self) -> DataMap:
        """Return the data map of a project without faults."""
        assert self.reading.datamap is not None
        return self.reading.datamap

    def findings(self, on: date) -> Sorted:
        """Look for what is wrong though the project loads; open and accepted findings."""
        return lint.outcome(self.reading, text=self.text, lock=self.lock, at=on)

    def problems(self, on: date) -> tuple[Problem, ...]:
        """Return every fault and open finding, in order."""
        return in_order([*self.reading.problems, *self.unreadable, *self.findings(on).open])


def held_for(project: Project, controller: str) -> Project:
    """Return the project with the rows held for one controller as those that may be touched, and no others."""
    datamap = controllers.held_for(project.datamap, controller)
    return replace(project, reading=replace(project.reading, datamap=datamap))


def nearest(start: Path) -> Path:
    """Return the nearest folder upwards that holds a project; the start itself when there is none."""
    start = start.resolve()
    return next((f for f in (start, *start.parents) if (f / MAIN).is_file()), start)


def look(folder: Path, seen: dict[Path, bytes | None] | None = None) -> Project:
    """Read a project with whatever faults it has.

    Args:
        folder: Where it is.
        seen: Takes the content of every file that is looked for.

    Raises:
        BadInput: when there is no project in the folder at all.
    """
    seen = {} if seen is None else seen

    def noted(name: str) -> Path:
        # Before it is read: what changes in between is then seen to differ.
        path = folder / name
        seen[path] = _content(path, LARGEST_TEXT)
        return path

    noted(MAIN)
    main = _start(folder)
    reading = read_project({MAIN: main}, read=lambda name: _bytes(noted(name), LARGEST))
    published = reading.usable_policy.published if reading.usable_policy else None
    for name in filter(None, (published.text, published.lock) if published else ()):
        noted(name)
    text, text_faults = _text(folder, reading)
    lock, lock_faults = _lock(folder, reading)
    return Project(
        folder=folder, reading=reading, text=text, lock=lock, unreadable=(*text_faults, *lock_faults)
    )


def load(folder: Path, on: date) -> Project:
    """Read a project that must be without faults; the very same one again while its files stay as they are.

    Raises:
        BadInput: with every fault at once.
    """
    known = _KNOWN.get((folder, on))
    if known is not None and known.holds():
        return known.project
    seen: dict[Path, bytes | None] = {}
    project = look(folder, seen)
    wrong = faults(project.problems(on))
    if wrong:
        raise BadInput(wrong)
    _KNOWN[folder, on] = _Known(project=project, seen=seen)
    while len(_KNOWN) > REMEMBERED:
        _KNOWN.pop(next(iter(_KNOWN)), None)
    return project


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """A project without faults, and every file it was read from; None for one that was not there."""

    project: Project
    seen: Mapping[Path, bytes | None]

    def holds(self) -> bool:
        """Tell whether all files are as they were, by their contents."""
        return all(_content(path, LARGEST_TEXT) == content for path, content in self.seen.items())


_KNOWN: dict[tuple[Path, date], _Known] = {}


def _content(path: Path, largest: int) -> bytes | None:
    try:
        return _bytes(path, largest)
    except OSError:
        return None


def _start(folder: Path) -> bytes:
    try:
        return _bytes(folder / MAIN, LARGEST)
    except OSError as error:
        why = "does not exist" if isinstance(error, FileNotFoundError) else "cannot be read"
        problem = Problem(
            code="unreadable-file",
            message=f"{folder / MAIN} {why}.",
            hint="Run troth in a project's folder, name it with --project, or draft one with troth init.",
        )
        raise BadInput([problem]) from error


def _bytes(path: Path, largest: int) -> bytes:
    with path.open("rb") as file:
        return file.read(largest)


def lines(path: Path) -> Sequence[str]:
    """Read the lines of a text that has been read before, to show them."""
    return _bytes(path, LARGEST_TEXT).decode("utf-8", errors="replace").split("\n")


def _text(folder: Path, reading: Reading) -> tuple[Text | None, tuple[Problem, ...]]:
    name = reading.usable_policy.published.text if reading.usable_policy else ""
    if not name or not (folder / name).exists():
        return None, ()
    return read_text(folder, name)


def read_text(folder: Path, name: str) -> tuple[Text | None, tuple[Problem, ...]]:
    """Read a published text, with the faults of what cannot be read."""
    try:
        return texts.read_bytes(name, _bytes(folder / name, LARGEST_TEXT)), ()
    except BadInput as bad:
        return None, bad.problems
    except OSError:
        return None, (_unreadable(name),)


def _lock(folder: Path, reading: Reading) -> tuple[Lock | None, tuple[Problem, ...]]:
    name = reading.usable_policy.published.lock if reading.usable_policy else ""
    if not name or not (folder / name).exists():
        return None, ()
    try:
        written = _bytes(folder / name, LARGEST_TEXT).decode("utf-8", errors="replace")
        return locks.loads(name, written), ()
    except BadInput as bad:
        return None, bad.problems
    except OSError:
        return None, (_unreadable(name),)


def _unreadable(name: str) -> Problem:
    return Problem(
        code="unreadable-file",
        message=f"{name} cannot be read.",
        span=Span(name),
        hint="Check that it is a file and that you may read it.",
    )
