"""Where the boxes of the data map's picture stand: people on the left, datasets in the middle, stores on the right.

Pure: numbers in, numbers out; a template draws them. Each box is as wide as its column and each line a curve from
edge to edge, so the time it takes grows with boxes and lines only. A page of datasets is drawn at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from troth.app.screens.picture import Home, Kept, Picture

WIDTH = 1_080
COLUMNS = ((0, 190), (330, 420), (890, 190))
"""Left edge and width of people, datasets and stores."""
HEIGHT, GAP = 46, 10
TOP = 34
"""Room for the headings of the columns."""
PAGE = 60
"""Datasets in one picture."""
MOST_UNSAID = 12
"""Undeclared tables in one picture; the table below it lists all of them."""
LETTERS = {0: 19, 1: 44, 2: 19}
"""Letters that fit into a box, by column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One thing of the map."""

    kind: str
    """`people`, `dataset`, `undeclared` or `store`."""
    name: str
    words: str
    """The name, cut to the box."""
    below: str
    """A second, smaller line."""
    x: int
    y: int
    width: int
    bad: bool
    """Drawn in red; its second line says why."""

    @property
    def middle(self) -> int:
        """Return the height at which lines begin and end."""
        return self.y + HEIGHT // 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A picture, ready to be drawn."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[str, ...]
    """Curves, as the `d` of an SVG path."""
    headings: tuple[tuple[int, str], ...]
    pages: int


def draw(picture: Picture, *, store: str = "", page: int = 1) -> Drawing:
    """Place everything of one page; those of one store where one is named."""
    wanted = [one for one in picture.datasets if store in ("", one.store)]
    pages = max(1, -(-len(wanted) // PAGE))
    page = min(max(page, 1), pages)
    shown = _ordered(picture, wanted)[(page - 1) * PAGE : page * PAGE]
    unsaid = [t for home in picture.stores if store in ("", home.name) for t in home.tables][:MOST_UNSAID]
    names = {one.store for one in shown} | {table.partition(".")[0] for table in unsaid}
    homes = [h for h in picture.stores if h.name in names or h.name == store or not picture.datasets]
    kinds = [kind for kind in picture.people if any(kind in one.people for one in shown)]
    tall = max(len(shown) + len(unsaid), len(homes), len(kinds), 1)
    middle = [
        *_column(1, [("dataset", d.name, _about(d), _wrong(d)) for d in shown], tall),
        *_column(1, [("undeclared", t, "not in the data map", True) for t in unsaid], tall, after=len(shown)),
    ]
    left = _column(0, [("people", kind, _many(kind, shown), False) for kind in kinds], tall)
    right = _column(2, [("store", h.name, _home(h), bool(h.seen.trouble or h.tables)) for h in homes], tall)
    return Drawing(
        width=WIDTH,
        height=TOP + tall * (HEIGHT + GAP),
        boxes=(*left, *middle, *right),
        lines=tuple(_lines(shown, unsaid, {(b.kind, b.name): b for b in (*left, *middle, *right)})),
        headings=tuple(zip((c[0] for c in COLUMNS), ("People", "Datasets", "Stores"), strict=True)),
        pages=pages,
    )


def _ordered(picture: Picture, datasets: Sequence[Kept]) -> list[Kept]:
    """Keep datasets of one store, and of one kind of people within it, together: fewer lines cross."""
    stores = {home.name: n for n, home in enumerate(picture.stores)}
    people = {kind: n for n, kind in enumerate(picture.people)}

    def place(one: Kept) -> tuple[int, float]:
        ranks = [people[kind] for kind in one.people if kind in people]
        return stores.get(one.store, 0), sum(ranks) / len(ranks) if ranks else float(len(people))

    return sorted(datasets, key=place)


def _column(
    column: int, things: Sequence[tuple[str, str, str, bool]], tall: int, *, after: int = -1
) -> list[Box]:
    """Place boxes of one column, spread over the height; those of the middle one stand close."""
    x, width = COLUMNS[column]
    step = HEIGHT + GAP
    spread = tall / max(len(things), 1) * step
    boxes = []
    for n, (kind, name, below, bad) in enumerate(things):
        close = TOP + (n + max(after, 0)) * step
        y = close if column == 1 else TOP + round(spread * n + (spread - step) / 2)
        words, small = _cut(name, LETTERS[column]), _cut(below, LETTERS[column] + (8 if column == 1 else 4))
        boxes.append(Box(kind=kind, name=name, words=words, below=small, x=x, y=y, width=width, bad=bad))
    return boxes


def _lines(
    shown: Iterable[Kept], unsaid: Iterable[str], boxes: Mapping[tuple[str, str], Box]
) -> Iterable[str]:
    for one in shown:
        here = boxes["dataset", one.name]
        for kind in one.people:
            if (person := boxes.get(("people", kind))) is not None:
                yield _curve(person, here)
        if (home := boxes.get(("store", one.store))) is not None:
            yield _curve(here, home)
    for table in unsaid:
        if (home := boxes.get(("store", table.partition(".")[0]))) is not None:
            yield _curve(boxes["undeclared", table], home)


def _curve(left: Box, right: Box) -> str:
    start, end = left.x + left.width, right.x
    half = (start + end) // 2
    return f"M{start} {left.middle}C{half} {left.middle} {half} {right.middle} {end} {right.middle}"


def _about(one: Kept) -> str:
    if one.missing:
        return "the store does not have it"
    if one.undeclared:
        return f"{one.undeclared} undeclared column{'s' if one.undeclared > 1 else ''}"
    return ", ".join(one.categories) or "no personal field of its own"


def _wrong(one: Kept) -> bool:
    return bool(one.undeclared or one.missing)


def _many(kind: str, shown: Sequence[Kept]) -> str:
    number = sum(kind in one.people for one in shown)
    return f"in {number} dataset{'s' if number != 1 else ''}"


def _home(home: Home) -> str:
    if home.seen.trouble:
        return "does not answer"
    if home.tables:
        return f"{len(home.tables)} undeclared table{'s' if len(home.tables) > 1 else ''}"
    return ", ".join(part for part in (home.kind, home.located) if part)


def _cut(words: str, letters: int) -> str:
    return words if len(words) <= letters else f"{words[: letters - 1]}…"
