"""The evidence log for people who look at it: pages, an entry and its proof, certificates, checkpoints, verdicts.

Nothing is written here. An entry that was changed is shown as such, never hidden behind an error.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import IO

from troth.app import ledgers
from troth.app.requests.steps import Place
from troth.errors import Damaged, Refused
from troth.evidence import bundle, kinds, log, merkle, stretches
from troth.evidence import verify as verifying
from troth.evidence.entry import Entry
from troth.evidence.labels import labels
from troth.evidence.verify import Checkpoint, Invalid, VerifierKey, leaf_hash
from troth.ledger.evidence_pages import PAGE, Numbered
from troth.ledger.ledger import Ledger
from troth.problems import BadInput, Problem

IN_MEMORY = 16_000_000
"""Bytes of a bundle held in memory before it goes to a file without a name."""
LINE = len('{"entry":,"hash":"","index":0}') + 64 + 6
"""Bytes a bundle adds to an entry, about."""
MOST_RELATED = 500
CHANGED = "This entry was changed, or written by a newer Troth."

_ROOTS: dict[tuple[str, int], bytes] = {}
"""Roots of whole stretches, by ledger and first entry; a log only grows, and a signature guards every proof."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which entries somebody wants to see; empty words ask for all."""

    kind: str = ""
    about: str = ""
    day: date | None = None
    before: int | None = None
    """Only entries below this number."""
    after: int | None = None
    """Only entries above this number; the nearest ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One entry in a list."""

    index: int
    kind: str
    at: datetime | None
    states: str
    """What its kind states, or what is wrong with it."""
    about: str
    facts: Mapping[str, object]
    whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some entries, newest first."""

    lines: tuple[Line, ...]
    size: int
    """Entries of the whole log."""
    kinds: tuple[str, ...]
    older: int | None
    """The number to go on before; None on the last page."""
    newer: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """How an entry is proven by a signed checkpoint."""

    checkpoint: Checkpoint
    path: tuple[str, ...]
    """Hashes from the leaf to the root."""
    good: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One entry with its proof."""

    line: Line
    text: str
    """Its canonical JSON."""
    leaf: str
    recorded: bool
    """Whether the hash kept beside it is that of its bytes."""
    size: int
    proven: Proven | None
    """None while no checkpoint covers it."""
    staff: Mapping[str, str]
    """Names behind the references to staff."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """What evidence says of one erasure."""

    line: Line
    related: tuple[Line, ...]
    """Every entry about the same plan, oldest first."""
    staff: Mapping[str, str]

    def of(self, *names: str) -> tuple[Line, ...]:
        """Return the related entries of some kinds."""
        return tuple(line for line in self.related if line.kind in names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """One checkpoint."""

    number: int
    note: str
    checkpoint: Checkpoint | None
    """None where its signature does not verify."""
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundled:
    """What a bundle would hold."""

    entries: int
    signed: int
    """Entries the newest checkpoint covers."""
    checkpoint: str
    octets: int
    """About how large it is."""
    key: str


def page(wanted: Wanted, at: Place) -> Page:
    """Return a page of entries."""
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        pages = ledger.evidence_pages
        start, end = _range(wanted, ledger)
        kind, about, limit = wanted.kind, wanted.about, PAGE + 1
        if wanted.after is not None:
            start = max(start, wanted.after + 1)
            found = pages.oldest(kind=kind, about=about, start=start, end=end, limit=limit)
            shown = found[:PAGE][::-1]
            older, newer = bool(shown), len(found) > PAGE
        else:
            tops = [top for top in (end, wanted.before) if top is not None]
            found = pages.newest(
                kind=kind, about=about, start=start, end=min(tops, default=None), limit=limit
            )
            shown = found[:PAGE]
            older, newer = len(found) > PAGE, wanted.before is not None
        return Page(
            lines=tuple(map(_line, shown)),
            size=pages.size(),
            kinds=pages.kinds(),
            older=shown[-1].index if shown and older else None,
            newer=shown[0].index if shown and newer else None,
        )


def entry(index: int, at: Place) -> Told:
    """Return one entry with its proof in the newest checkpoint.

    Raises:
        BadInput: when the log has no entry of that number.
    """
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        found = _numbered(ledger, index)
        kept = ledger.evidence_pages.leaves(index, index + 1)
        leaf = leaf_hash(found.data)
        return Told(
            line=_line(found),
            text=found.data.decode("utf-8", errors="replace"),
            leaf=leaf.hex(),
            recorded=kept == (leaf,),
            size=ledger.evidence_pages.size(),
            proven=_proven(ledger, index, leaf),
            staff=_staff(ledger, [_line(found)]),
        )


def certificates(at: Place, *, before: int | None = None) -> tuple[Line, ...]:
    """Return the newest ends of erasures, newest first; one more than a page."""
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        found = ledger.evidence_pages.newest(kind="erasure.finished", end=before, limit=PAGE + 1)
    return tuple(map(_line, found))


def certificate(index: int, at: Place) -> Certified:
    """Return what evidence says of one erasure.

    Raises:
        BadInput: when that entry is no end of an erasure.
    """
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        line = _line(_numbered(ledger, index))
        if line.kind != "erasure.finished" or not line.whole:
            raise BadInput([_no_entry(index, "No erasure ended with that entry.")])
        plan = str(line.facts["plan"])
        related = ledger.evidence_pages.oldest(about=plan, limit=MOST_RELATED)
        lines = tuple(map(_line, related))
        return Certified(line=line, related=lines, staff=_staff(ledger, lines))


def checkpoints(at: Place, *, before: int | None = None) -> tuple[Signed, ...]:
    """Return the newest checkpoints, newest first, each with its signature checked; one more than a page."""
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        key = ledger.keys.signing.verifier
        found = ledger.evidence_pages.checkpoints(before=before, limit=PAGE + 1)
    return tuple(_signed(number, note, key) for number, note in found)


def bundled(at: Place) -> Bundled:
    """Say what a bundle would hold now, and about how large it is."""
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        note = ledger.evidence.last_checkpoint()
        key = ledger.keys.signing.verifier
        signed = _signed(0, note, key).checkpoint if note else None
        entries = ledger.evidence_pages.size()
        return Bundled(
            entries=entries,
            signed=signed.size if signed else 0,
            checkpoint=note or "",
            octets=ledger.evidence_pages.octets() + LINE * entries,
            key=str(key),
        )


def download(at: Place) -> IO[bytes]:
    """Write the bundle up to the newest checkpoint to a file without a name, and return it at its beginning.

    Raises:
        Refused: when nothing is signed yet.
        Damaged: when the log and its checkpoints do not fit.
    """
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        return _bundle(ledger)


def verify(since: str, at: Place) -> str:
    """Run the stand-alone verifier on the log as it is, and return its words.

    Args:
        since: A checkpoint kept from earlier, as text; nothing where none was kept.
        at: Where the log is.
    """
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        try:
            log.audit(ledger.evidence, ledger.keys.signing.verifier)
            file = _bundle(ledger)
        except Refused as refused:
            return f"cannot be read: {refused.message}"
        except Damaged as damaged:
            return f"not verified: {damaged.message}"
        with file:
            key = str(ledger.keys.signing.verifier)
            return str(verifying.verify_bundle(file, key=key, since=_note(since)))


def _bundle(ledger: Ledger) -> IO[bytes]:
    file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 the caller closes it
    try:
        bundle.export(file, ledger.evidence, ledger.keys.signing.verifier)
    except (Refused, Damaged):
        file.close()
        raise
    file.seek(0)
    return file


def _note(text: str) -> str:
    """Return a checkpoint as it is signed: forms send other line ends, and drop the last."""
    plain = text.replace("\r\n", "\n").strip()
    return f"{plain}\n" if plain else ""


def _range(wanted: Wanted, ledger: Ledger) -> tuple[int, int | None]:
    if wanted.day is None:
        return 0, None
    begin = datetime.combine(wanted.day, time(), UTC)
    pages = ledger.evidence_pages
    end = pages.first_at(begin + timedelta(days=1)) if wanted.day < date.max else None
    return pages.first_at(begin), end


def _numbered(ledger: Ledger, index: int) -> Numbered:
    size = ledger.evidence_pages.size()
    found = ledger.evidence_pages.newest(start=index, end=index + 1, limit=1) if 0 <= index < size else ()
    if not found:
        raise BadInput([_no_entry(index, f"The evidence log has entries 0 to {size - 1}.")])
    return found[0]


def _no_entry(index: int, message: str) -> Problem:
    return Problem(code="unknown-name", message=message, found=str(index), hint="Choose one from the list.")


def _line(numbered: Numbered) -> Line:
    try:
        found = Entry.decode(numbered.data)
    except Damaged:
        kind, about = labels(numbered.data)
        return Line(
            index=numbered.index, kind=kind, at=None, states=CHANGED, about=about, facts={}, whole=False
        )
    return Line(
        index=numbered.index,
        kind=found.kind,
        at=found.at,
        states=kinds.ALL[found.kind].says,
        about=labels(numbered.data)[1],
        facts=found.body,
    )


def _proven(ledger: Ledger, index: int, leaf: bytes) -> Proven | None:
    note = ledger.evidence.last_checkpoint()
    signed = _signed(0, note, ledger.keys.signing.verifier).checkpoint if note else None
    if signed is None or index >= signed.size:
        return None
    path = stretches.inclusion_proof(_roots(ledger), index, signed.size)
    good = merkle.verify_inclusion(index, signed.size, leaf, path, signed.root)
    return Proven(checkpoint=signed, path=tuple(one.hex() for one in path), good=good)


def _roots(ledger: Ledger) -> Callable[[int, int], bytes]:
    """Return what tells the root of a stretch; roots of whole ones are remembered."""

    def root(start: int, end: int) -> bytes:
        whole = end - start == stretches.WIDTH
        known = (ledger.session.alias, start)
        if whole and known in _ROOTS:
            return _ROOTS[known]
        leaves = ledger.evidence_pages.leaves(start, end)
        if len(leaves) < stretches.WIDTH:
            return merkle.tree_of(leaves).root
        _ROOTS[known] = stretches.stretch_root(leaves)
        return _ROOTS[known]

    return root


def _signed(number: int, note: str, key: VerifierKey) -> Signed:
    try:
        return Signed(number=number, note=note, checkpoint=verifying.open_checkpoint(note, key))
    except Invalid as invalid:
        return Signed(number=number, note=note, checkpoint=None, problem=str(invalid))


def _staff(ledger: Ledger, lines: Sequence[Line]) -> Mapping[str, str]:
    """Return the names behind `staff:7` in some entries; those the ledger does not know are left out."""
    words = {str(value) for line in lines for value in line.facts.values() if isinstance(value, str)}
    ids = {int(word.partition(":")[2]) for word in words if word.startswith("staff:")}
    try:
        return {f"staff:{id}": name for id, name in ledger.staff.names(*ids).items()}
    except Damaged:
        return {}
