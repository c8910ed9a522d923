"""What proof of identity a request may be asked for, and what it needs: from the packs, for all its laws together.

Pure. Where one law forbids to verify, or the request only stops some use, nobody is asked for anything. Where data
leaves, the strictest law's degree holds; where it is only changed, a law that asks for doubt first (GDPR Art. 12(6))
is kept as well. That is a reading of ours where laws meet (no authority was found).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from troth.cases.kinds import Kind
from troth.laws import shelf
from troth.laws.model import Pack, Right, Sure

Level = Literal["none-allowed", "doubt-only", "reasonable", "reasonably-high", "by-risk", "parent"]
Risk = Literal["low", "high"]
"""Of harm to the person should somebody else have asked (11 CCR 7062(d)): high for sensitive or valuable data."""

DEGREES: tuple[Level, ...] = ("none-allowed", "doubt-only", "reasonable", "reasonably-high")
"""From the mildest to the strictest."""
POINTS: dict[Level, int] = {"none-allowed": 0, "doubt-only": 2, "reasonable": 2, "reasonably-high": 3}
"""Points of data that must match (11 CCR 7062(b), (c)); two where a law gives no number."""
DOUBT_FIRST = ("eu-gdpr", "uk-gdpr")
"""Laws whose rule on doubt (Art. 12(6)) stands where their pack says nothing of a right, Art. 22 for one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What one law says of proof for this request."""

    law: str
    article: str
    level: Level
    sure: Sure
    note: str = ""

    @property
    def cited(self) -> str:
        """Name law and article."""
        return f"{self.law} {self.article}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What may be asked and what is needed, for all laws of a request together."""

    level: Level
    doubt_first: bool
    """Nothing may be asked without a reason of doubt; without one it is enough to say that there is none."""
    points: int
    """How much must be shown; see `identity_proof.WEIGHTS`."""
    declaration: bool
    """A signed declaration is needed besides."""
    parent: bool
    """Whoever asks must be the parent."""
    grounds: tuple[Ground, ...]
    forbidden: str = ""
    """Why nobody may be asked, with its article; empty where somebody may."""

    @property
    def allowed(self) -> bool:
        """Tell whether proof of identity may be asked for at all."""
        return not self.forbidden


def needed(kind: Kind, laws: Sequence[str], day: date, *, risk: Risk = "high", child: bool = False) -> Proof:
    """Say what proof of identity a request needs.

    Args:
        kind: What is asked for.
        laws: The laws of the request.
        day: When it was asked for.
        risk: Of harm, where a law goes by it.
        child: Whether it is about a child: then a law about parents counts.
    """
    grounds = tuple(_grounds(kind, laws, day, risk, child=child))
    if forbidden := _forbidden(kind, grounds):
        return Proof(
            level="none-allowed",
            doubt_first=False,
            points=0,
            declaration=False,
            parent=False,
            grounds=grounds,
            forbidden=forbidden,
        )
    levels = [one.level for one in grounds if one.level in DEGREES]
    level = max(levels, key=DEGREES.index, default=_unwritten(kind))
    mild = "doubt-only" in levels if kind.changes else level == "doubt-only"
    return Proof(
        level=level,
        doubt_first=mild or level == "doubt-only",
        points=POINTS[level],
        declaration=level == "reasonably-high",
        parent=any(one.level == "parent" for one in grounds),
        grounds=grounds,
    )


def instead(kind: Kind, laws: Sequence[str]) -> tuple[str, ...]:
    """Say what can be done for somebody whose identity could not be proven; for their letter."""
    found = ["Write to us again with something that shows it is you: a failed proof costs you nothing."]
    if "us-ca-ccpa" in laws and kind.name in {"access", "know-specific", "portability"}:
        found.append("We answer which categories of data we hold, without the data itself (11 CCR 7024(a)).")
    if "us-ca-ccpa" in laws and kind.name == "erase":
        found.append(
            "You can opt out of the sale and sharing of your data: for that you need not prove who you are."
        )
    return tuple(found)


def _grounds(kind: Kind, laws: Sequence[str], day: date, risk: Risk, *, child: bool) -> Iterator[Ground]:
    for law in laws:
        pack = shelf.load(law)
        right = kind.right(pack, day)
        if right is not None:
            ground = _ground(kind, pack, right, risk)
            if child or ground.level != "parent":
                yield ground


def _ground(kind: Kind, pack: Pack, right: Right, risk: Risk) -> Ground:
    said = right.identity
    if said is None:
        level: Level = "doubt-only" if pack.law in DOUBT_FIRST else _unwritten(kind)
        note = "the pack says nothing of proof for this right"
        return Ground(law=pack.law, article=right.article, level=level, sure="interpretation", note=note)
    by_risk: Level = "reasonably-high" if risk == "high" else "reasonable"
    level = by_risk if said.level == "by-risk" else said.level
    return Ground(law=pack.law, article=right.article, level=level, sure=right.sure, note=said.note)


def _unwritten(kind: Kind) -> Level:
    """Return the degree where no law says one: what leaves or goes must not be asked for by somebody else."""
    if kind.stops:
        return "none-allowed"
    return "reasonable" if kind.discloses or kind.changes else "doubt-only"


def _forbidden(kind: Kind, grounds: Sequence[Ground]) -> str:
    """Say which law forbids to ask, or that nothing is given away by what is asked."""
    forbidding = [one.cited for one in grounds if one.level == "none-allowed"]
    if forbidding:
        return "; ".join(forbidding)
    return "it only stops some use: nothing is disclosed or changed" if kind.stops else ""
