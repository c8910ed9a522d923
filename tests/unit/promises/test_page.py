"""The page: complete, self-contained, escaped, readable."""

from __future__ import annotations

import itertools
import re
from html.parser import HTMLParser

import pytest

from troth.promises import page
from troth.promises.page_style import DARK, LIGHT, READ_ON, STYLE
from unit.promises.makers import BROKEN, KEPT, report

VOID = {"meta", "br", "link", "img", "input", "hr"}


class Reader(HTMLParser):
    """Notes tags and checks that they nest."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Match a tag with the last open one."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Keep what a reader sees."""
        self.words.append(data)


def read(text: str) -> Reader:
    """Parse a page."""
    reader = Reader()
    reader.feed(text)
    assert not reader.open
    return reader


def test_everything_is_there() -> None:
    """Every promise, its status as a word, place, fingerprint, and reason stand on the page."""
    text = " ".join(read(page.render(report())).words)
    for expected in ("Alma & Sons", "Broken", "Unproven", "Not triggered", "Kept", "1,234 rows"):
        assert expected in text
    for expected in ("policy.yaml:12", "fp1:0c9e77aa@7f3a91c2", "Not built yet: safeguards", "2 March 2016"):
        assert expected in text
    assert "3 rows in app.customers under hold:7" in text


def test_escaped() -> None:
    """Text of the project is escaped."""
    made = page.render(report())
    assert "app.x&lt;y" in made and "app.x<y" not in made
    assert "Head of &lt;IT&gt;" in made and "Alma &amp; Sons" in made


def test_nothing_is_fetched() -> None:
    """The page has no script, no image, no link and no address to load from."""
    made = page.render(report())
    assert not {"script", "img", "link", "iframe", "object", "svg"} & set(read(made).tags)
    assert not re.search(r"https?:|url\(|@import|\ssrc=|\shref=", made)


def test_headings() -> None:
    """There is one first heading, and no level is left out."""
    tags = [tag for tag in read(page.render(report())).tags if re.fullmatch("h[1-6]", tag)]
    assert tags.count("h1") == 1
    assert all(int(b[1]) - int(a[1]) <= 1 for a, b in itertools.pairwise(tags))


def test_simulation_is_labelled() -> None:
    """A simulation says so in its first screen, and shows no hash to cite."""
    made = page.render(report(simulation=True))
    assert "Simulation." in made and "sha256:" + report(simulation=True).hash not in made
    assert "Simulation." not in page.render(report())


def test_nothing_broken() -> None:
    """Without a broken promise the page claims no more than that none is known."""
    made = page.render(report(KEPT))
    assert "None of 1 promise is known to be broken" in made and "Broken promises" not in made


def test_more_may_be_broken() -> None:
    """A broken promise shows what is missing besides."""
    assert "There may be more: 7 rows in app.customers without a date" in page.render(report(BROKEN))


def luminance(colour: str) -> float:
    """Compute relative luminance (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_contrast(scheme: dict[str, str]) -> None:
    """Every text keeps 4.5:1 against its ground."""
    for ink, ground in READ_ON:
        low, high = sorted((luminance(scheme[ink]), luminance(scheme[ground])))
        assert (high + 0.05) / (low + 0.05) >= 4.5, (ink, ground)


def test_every_colour_is_declared() -> None:
    """The style uses no colour variable that a scheme lacks."""
    used = set(re.findall(r"var\(--([a-z-]+)\)", STYLE)) - {"tone", "wash"}
    assert used <= set(LIGHT) == set(DARK)
