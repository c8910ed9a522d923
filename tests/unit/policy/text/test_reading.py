"""Reading: bytes to sentences in three formats, and what bad bytes get."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from troth.policy.text import reading
from troth.policy.text.model import Block, Format, Text
from troth.problems import BadInput

TXT = """Privacy Policy

1. Retention

We keep, e.g.:

  • Account data: 2 years
    - after closure
  • Orders: 7 years

Data | Period |
Mail | 1 year |

2. Do you sell data?

No
"""
MD = """# Privacy Policy

## 1. Retention

We **keep**, e.g.:

* Account data: 2 years
  - after [closure](https://acme.example/close)
* Orders: 7 years

| Data | Period |
|------|--------|
| Mail | 1 year |

## 2. Do you sell data?

No
"""
HTML = """<!doctype html><title>x</title><script>var a = "No <p>";</script>
<h1>Privacy Policy</h1><h2>1. Retention</h2>
<p>We <b>keep</b>, e.g.:</p>
<ul><li>Account data: 2&nbsp;years<ul><li>after closure</li></ul></li><li>Orders: 7 years</ul>
<table><tr><th>Data<th>Period<tr><td>Mail<td>1 year</table>
<div hidden>Unseen.</div><!-- Unseen. -->
<h2>2. Do you sell data?</h2><p>No</p>"""
TOKENS = [
    *(
        "We keep data",
        "e.g. ",
        "(see",
        "below) ",
        "Data Retention",
        "CAPS LINE",
        "The end. ",
        "small start ",
        "No. ",
    ),
    *(
        "- ",
        "• ",
        "1. ",
        "* ",
        "a) ",
        " | ",
        "---",
        "===",
        "# ",
        "> ",
        "**bold**",
        "“Quote.” ",
        "We will: ",
        "½",
        "_",
    ),
    *(
        "\n",
        "\n\n",
        "\r\n",
        "\r",
        "\x0c",
        "\u00a0",
        "\u200b",
        ", ",
        "? ",
        "... ",
        "```",
        "[link](http://a.b)",
    ),
    *("<b>", "</p>", "<!-- c -->", "&amp;", "[1]: http://x"),
]


def read(name: str, source: str) -> Text:
    """Read a source as the command does."""
    return reading.read_bytes(name, source.encode())


@pytest.mark.parametrize(("name", "source"), [("p.md", MD), ("p.html", HTML)])
def test_one_policy_in_three_formats_has_one_set_of_fingerprints(name: str, source: str) -> None:
    """Sentences, lead-ins, rows and headings do not depend on the format."""
    plain, other = read("p.txt", TXT), read(name, source)
    assert [(s.fingerprint, s.path) for s in other.sentences] == [
        (s.fingerprint, s.path) for s in plain.sentences
    ]
    assert [h.fingerprint for h in other.headings] == [h.fingerprint for h in plain.headings]


def test_an_item_continues_its_lead_in_and_an_inner_item_the_outer() -> None:
    """The lead-in of an item is the open sentence before the list, then the item it stands in."""
    found = {s.text: s.lead_in for s in read("p.txt", TXT).sentences}
    assert found["Orders: 7 years"] == "We keep, e.g.:"
    assert found["after closure"] == "We keep, e.g.: Account data: 2 years"
    assert found["Mail | 1 year"] == "Data | Period"


def test_a_list_after_a_whole_sentence_has_no_lead_in() -> None:
    """A paragraph that ends in a full stop does not continue into the list."""
    text = read("p.txt", "You have rights, listed below.\n- Access: you may ask us\n")
    assert [s.lead_in for s in text.sentences] == ["", ""]


def test_an_answer_under_a_question_is_a_sentence() -> None:
    """A lone "No" is told apart by the heading it answers."""
    text = read("p.txt", "Privacy\nDo you sell data?\nNo\nDo you lend data?\nNo\nThat is all we say here.\n")
    answers = [s for s in text.sentences if s.text == "No"]
    assert len(answers) == 2
    assert answers[0].fingerprint == answers[1].fingerprint
    assert answers[0].path != answers[1].path


def test_wrapped_lines_are_one_sentence_with_one_span() -> None:
    """A text wrapped at a width is read as if it were not, and the span covers both lines."""
    body = (
        "We keep the data of your account for two years after you have closed\n"
        "it, and then we delete it for good. "
    )
    text = read(
        "p.txt",
        f"Data Retention\n{body}We also\nkeep the data of your orders for seven years as the law demands of\nus.\n",
    )
    assert [s.block for s in text.sentences] == [Block.PARAGRAPH] * 2
    span = text.sentences[0].span
    assert (span.line, span.column, span.end_line, span.end_column) == (2, 1, 3, 36)


def test_an_address_under_a_colon_is_one_item() -> None:
    """Short lines of an address stay together, and the heading behind them stays a heading."""
    text = read(
        "p.txt",
        "You can write to us:\n1 The Green,\nSomewhere\nUnited Kingdom\nComplaints\nYou may complain.\n",
    )
    assert [s.text for s in text.sentences][1] == "1 The Green, Somewhere United Kingdom"
    assert [h.text for h in text.headings] == ["Complaints"]


def test_a_row_may_run_over_several_lines() -> None:
    """A row of a copied table is complete when it has as many bars as the header."""
    text = read(
        "p.txt",
        "Purpose | Basis |\nSupport\nTickets |\n|\nSales |\n|\nWe may use data in other ways as well.\n",
    )
    assert [s.text for s in text.sentences][:3] == ["Purpose | Basis", "Support Tickets", "Sales"]


def test_html_shows_what_a_visitor_sees() -> None:
    """Scripts, comments and hidden elements are left out; an unclosed comment hides nothing."""
    text = read("p.html", HTML + "<p>We <!-- never lose words.</p>")
    assert not any("Unseen" in s.text or "var" in s.text for s in text.sentences)
    assert text.sentences[-1].text == "We never lose words."


@pytest.mark.parametrize(
    ("name", "source", "wanted"),
    [
        ("policy.TXT", "# a", Format.TXT),
        ("policy", "<!DOCTYPE html><p>a", Format.HTML),
        ("policy", "intro\n\n## Data\n", Format.MD),
        ("policy", "intro", Format.TXT),
        ("policy.htm", "intro", Format.HTML),
    ],
)
def test_the_format_follows_from_the_name_else_the_content(name: str, source: str, wanted: Format) -> None:
    """An ending decides; without a known one the first lines do."""
    assert reading.detect(name, source) is wanted


@pytest.mark.parametrize(
    ("data", "code", "place"),
    [
        (b"x" * (reading.MAX_BYTES + 1), "too-large", (1, 1)),
        (b"We keep\ndata \xff.", "bad-encoding", (2, 6)),
        ("We keep".encode("utf-16"), "bad-encoding", (1, 4)),
        (b"%PDF-1.7", "bad-encoding", (1, 1)),
        (b" \n--\n", "empty-text", (1, 1)),
    ],
)
def test_bytes_that_are_no_policy_get_a_fault(data: bytes, code: str, place: tuple[int, int]) -> None:
    """Each kind of bad bytes has its code and its place."""
    with pytest.raises(BadInput) as caught:
        reading.read_bytes("policy.txt", data)
    (problem,) = caught.value.problems
    assert problem.code == code
    assert problem.span is not None
    assert (problem.span.line, problem.span.column) == place


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["p.txt", "p.md"]), st.lists(st.sampled_from(TOKENS), max_size=40).map("".join))
def test_every_character_is_in_one_sentence_heading_or_mark(name: str, source: str) -> None:
    """Headings, sentences and declared markup cover all that is not white space, each character once."""
    text = reading.read(name, source)
    seen = [0] * len(source)
    pieces = [(each.start, each.end) for each in (*text.headings, *text.sentences)]
    for start, end in [*pieces, *text.markup]:
        for at in range(start, end):
            seen[at] += 1
    assert all(count == 1 for count, char in zip(seen, source, strict=True) if not char.isspace())


@settings(deadline=None)
@given(st.lists(st.sampled_from(TOKENS), max_size=40).map("".join))
def test_broken_html_is_read_without_an_error(source: str) -> None:
    """Whatever stands in the page, the sentences come in order of the source."""
    text = reading.read("p.html", source)
    assert [s.start for s in text.sentences] == sorted(s.start for s in text.sentences)


@pytest.mark.parametrize("name", ["p.txt", "p.md", "p.html"])
@pytest.mark.parametrize("unit", ["word ", "a" * 50, "(a. ", "<!-- ", "[a](", "<a ", "| a ", "* "])
def test_a_megabyte_in_one_line_takes_seconds(name: str, unit: str) -> None:
    """No text, however odd, takes time quadratic in its length."""
    begun = time.process_time()
    reading.read(name, unit * (1_000_000 // len(unit)))
    assert time.process_time() - begun < 20
