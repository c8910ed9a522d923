"""Charts as numbers a template draws: days of stacked bars, and the steps one promise went through.

Pure. A chart is never the only way to what it shows: each page has the same as a table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from troth.ledger.promise_history import Stretch

WIDTH, HEIGHT = 720, 140
STRIP = 8
"""Height of the strip that shows the status below a line."""
LEAST = 1.5
"""The narrowest band, so that a short stretch is seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One coloured stretch."""

    x: float
    y: float
    width: float
    height: float
    status: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Bars, a line over them, and the words at its ends."""

    width: int
    height: int
    bars: tuple[Bar, ...]
    line: str = ""
    """The `d` of an SVG path."""
    most: int = 0
    """What the top stands for."""
    first: str = ""
    last: str = ""

    @property
    def floor(self) -> int:
        """Return where the strip below the bands begins."""
        return self.height - STRIP


def stacked(days: Sequence[tuple[date, Mapping[str, int]]], order: Sequence[str]) -> Chart | None:
    """Stack the counts of each day, the first status at the bottom; None where there is no day."""
    most = max((sum(counts.values()) for _, counts in days), default=0)
    if not most:
        return None
    wide = min(WIDTH / len(days), 48)
    gap = 1.0 if wide > 4 else 0.0
    bars = []
    for n, (day, counts) in enumerate(days):
        top = float(HEIGHT)
        for status in order:
            number = counts.get(status, 0)
            tall = number / most * HEIGHT
            top -= tall
            if number:
                bars.append(
                    Bar(
                        x=round(n * wide, 1),
                        y=round(top, 1),
                        width=round(wide - gap, 1),
                        height=round(tall, 1),
                        status=status,
                        says=f"{day.isoformat()}: {number} {status}",
                    )
                )
    first, last = days[0][0].isoformat(), days[-1][0].isoformat()
    width = round(wide * len(days))
    return Chart(width=width, height=HEIGHT, bars=tuple(bars), most=most, first=first, last=last)


def steps(stretches: Sequence[Stretch], now: datetime) -> Chart | None:
    """Draw what a promise came to as bands of its status, with a line for its number over them."""
    if not stretches:
        return None
    begin = min(one.since for one in stretches)
    whole = max(now - begin, timedelta(minutes=1))
    most = max(one.number for one in stretches)
    bars, points = [], []
    for one, following in zip(stretches, [*stretches[1:], None], strict=True):
        end = following.since if following else max(now, one.last)
        left = min((one.since - begin) / whole * WIDTH, WIDTH - LEAST)
        right = min(max((end - begin) / whole * WIDTH, left + LEAST), float(WIDTH))
        says = f"{one.status}, {one.number:,} from {one.since:%Y-%m-%d %H:%M}"
        bars.append(
            Bar(
                x=round(left, 1),
                y=0,
                width=round(max(right - left, LEAST), 1),
                height=HEIGHT,
                status=one.status,
                says=says,
            )
        )
        height = HEIGHT - STRIP - 4 - (one.number / most * (HEIGHT - STRIP - 30) if most else 0)
        points += [(left, height), (right, height)]
    line = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) if most else ""
    first, last = begin.date().isoformat(), now.date().isoformat()
    return Chart(width=WIDTH, height=HEIGHT, bars=tuple(bars), line=line, most=most, first=first, last=last)
