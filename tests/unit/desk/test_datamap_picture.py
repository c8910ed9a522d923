"""Where the boxes of the data map's picture stand."""

from __future__ import annotations

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from troth.app.looking import Seen
from troth.app.screens.picture import Home, Kept, Picture
from troth.desk.console import datamap_picture
from troth.desk.console.datamap_picture import HEIGHT, PAGE, Box


def _kept(name: str, people: tuple[str, ...] = ("customer",), *, undeclared: int = 0) -> Kept:
    store = name.partition(".")[0]
    return Kept(
        name=name,
        store=store,
        people=people,
        categories=("contact",),
        fields=1,
        undeclared=undeclared,
        missing=False,
    )


def _home(name: str, *, tables: tuple[str, ...] = (), trouble: str = "") -> Home:
    seen = Seen(store=name, at=None, trouble=trouble)
    return Home(name=name, kind="database", located="US", datasets=1, seen=seen, tables=tables)


def _picture(datasets: list[Kept], homes: list[Home]) -> Picture:
    return Picture(
        people=("customer", "employee"), datasets=tuple(datasets), stores=tuple(homes), categories=()
    )


def _apart(boxes: tuple[Box, ...]) -> bool:
    by_column: dict[int, list[Box]] = {}
    for box in boxes:
        by_column.setdefault(box.x, []).append(box)
    return all(
        upper.y + HEIGHT <= lower.y
        for column in by_column.values()
        for upper, lower in zip(
            sorted(column, key=lambda b: b.y), sorted(column, key=lambda b: b.y)[1:], strict=False
        )
    )


def test_a_dataset_is_joined_to_its_people_and_its_store() -> None:
    """One dataset of one kind of person in one store: three boxes, two lines."""
    drawn = datamap_picture.draw(_picture([_kept("app.mails")], [_home("app")]))
    assert [box.kind for box in drawn.boxes] == ["people", "dataset", "store"]
    assert len(drawn.lines) == 2


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 70), st.integers(0, 5), st.integers(0, 20))
def test_no_two_boxes_lie_on_each_other(datasets: int, stores: int, unsaid: int) -> None:
    """Whatever is drawn, boxes of a column stand apart and inside the picture."""
    homes = [_home(f"s{n}", tables=tuple(f"s{n}.t{m}" for m in range(unsaid))) for n in range(stores)]
    kept = [_kept(f"s{n % max(stores, 1)}.d{n}", ("customer", "employee")) for n in range(datasets)]
    drawn = datamap_picture.draw(_picture(kept, homes))
    assert _apart(drawn.boxes)
    assert all(box.y >= 0 and box.y + HEIGHT <= drawn.height for box in drawn.boxes)


def test_what_is_undeclared_is_marked_and_said() -> None:
    """Red is never the only sign."""
    homes = [_home("app", tables=("app.signups",))]
    drawn = datamap_picture.draw(_picture([_kept("app.mails", undeclared=2)], homes))
    assert {box.name: box.below for box in drawn.boxes if box.bad} == {
        "app.mails": "2 undeclared columns",
        "app.signups": "not in the data map",
        "app": "1 undeclared table",
    }


def test_a_store_that_is_away_says_so() -> None:
    """The trouble is told by words."""
    drawn = datamap_picture.draw(_picture([_kept("app.mails")], [_home("app", trouble="no route")]))
    assert [box.below for box in drawn.boxes if box.kind == "store"] == ["does not answer"]


def test_five_hundred_tables_are_drawn_by_pages_in_no_time() -> None:
    """A page has its bounded number of boxes, and takes well under a tenth of a second."""
    kept = [_kept(f"app.table_{n}", ("customer", "employee")) for n in range(500)]
    picture = _picture(kept, [_home("app", tables=tuple(f"app.u{n}" for n in range(500)))])
    began = time.process_time()
    pages = [datamap_picture.draw(picture, page=n) for n in range(1, 10)]
    assert time.process_time() - began < 0.5
    assert pages[0].pages == 9
    names = [box.name for page in pages for box in page.boxes if box.kind == "dataset"]
    assert sorted(names) == sorted(one.name for one in kept)
    assert max(sum(box.kind == "dataset" for box in page.boxes) for page in pages) == PAGE


def test_one_store_alone_shows_its_own() -> None:
    """Datasets of other stores are left out."""
    kept = [_kept("app.a"), _kept("crm.b")]
    drawn = datamap_picture.draw(_picture(kept, [_home("app"), _home("crm")]), store="crm")
    assert [box.name for box in drawn.boxes if box.kind != "people"] == ["crm.b", "crm"]


def test_a_map_without_datasets_still_shows_its_stores() -> None:
    """A new project has a picture too."""
    drawn = datamap_picture.draw(_picture([], [_home("app")]))
    assert [box.name for box in drawn.boxes] == ["app"]


def test_a_long_name_is_cut() -> None:
    """Words end inside their box; the whole name stays in its title."""
    (box,) = [
        b
        for b in datamap_picture.draw(_picture([_kept("app." + "x" * 99)], [_home("app")])).boxes
        if b.kind == "dataset"
    ]
    assert box.words.endswith("…")
    assert len(box.words) <= 44
