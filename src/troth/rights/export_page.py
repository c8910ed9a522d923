"""The page of one person, to read and to print: no script, no outside request, every text escaped. Pure.

Made section by section, with the first rows of each dataset; head and table of contents are written last, once it is
known how many rows there are. How it looks stands in `export_style`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html import escape

from troth.rights.export import ELSE, REASONS, Label, Labels, Reason, Sheet
from troth.rights.export_cells import text
from troth.rights.export_made import Made
from troth.rights.export_rows import Shown
from troth.rights.export_style import STYLE

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""Content security policy: the page may load nothing at all."""
MOST_ROWS = 200
"""Rows of a dataset that the page shows; the files beside it have all."""
MOST_LETTERS = 1_000
"""Letters of a value that the page shows."""
SOURCES = {
    "person": "you gave it to us",
    "observed": "it came about as you used our services",
    "inferred": "we worked it out from other data",
}
BASES = {
    "consent": "you agreed to it",
    "contract": "a contract with you needs it",
    "legal-obligation": "the law asks for it",
    "vital-interests": "somebody's life may depend on it",
    "public-task": "a public task needs it",
    "legitimate-interests": "we have a legitimate interest in it",
}
_EVENT = re.compile(r"(?<= )([a-z][a-z-]*)\.([a-z][a-z-]*)")
"""The name of an event, as `account.closed`: told without its dot."""
_SPECIAL = re.compile("[&<>\"']")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What is known of a dataset once its rows are through."""

    sheet: Sheet
    rows: int
    withheld: Mapping[Reason, int]


def section(sheet: Sheet, number: int, labels: Labels) -> str:
    """Open a dataset: what it is and why we have it; `number` is its position, for links."""
    heading = escape(labels.headings[sheet.dataset])
    return "\n".join(
        (
            f'<section aria-labelledby="d{number}"><h2 id="d{number}">{heading}</h2>'
            f'<p class="place"><code>{escape(sheet.dataset)}</code></p>',
            *_facts(sheet, labels),
            "",
        )
    )


def single(sheet: Sheet, shown: Shown, roles: Sequence[str]) -> str:
    """Write the only entry of a dataset, line by line."""
    return "\n".join((*_one(sheet, shown, roles), ""))


def table(sheet: Sheet, number: int) -> str:
    """Open the table of a dataset with several entries."""
    heads = [*(label.column for label in sheet.shown), *(["you are"] if len(sheet.roles) > 1 else [])]
    heads += [f"kept until ({e.kept_as})" if len(sheet.endings) > 1 else "kept until" for e in sheet.endings]
    cells = "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    opened = f'<div class="rows" role="region" aria-labelledby="d{number}" tabindex="0">'
    return f"{opened}<table><thead><tr>{cells}</tr></thead><tbody>\n"


def row(sheet: Sheet, shown: Shown, roles: Sequence[str]) -> str:
    """Write a row of the table."""
    values = shown.apart
    cells = [_cell(values.get(label.column)) for label in sheet.shown]
    cells += [_cell(", ".join(roles))] if len(sheet.roles) > 1 else []
    cells += [f'<td class="date">{escape(shown.until.get(e.kept_as, ""))}</td>' for e in sheet.endings]
    return f"<tr>{''.join(cells)}</tr>\n"


TABLE_END = "</tbody></table></div>\n"


def closed(one: Section, shown: int, whole: str) -> str:
    """Close a dataset: rows that are withheld, and where the rest of them is.

    Args:
        one: The dataset with its counts.
        shown: How many rows stand on the page.
        whole: The file that has all of them.
    """
    lines: list[str] = []
    if one.rows > shown:
        lines.append(
            f'<p class="soft">These are the first {shown:,} of {one.rows:,} entries; all are in '
            f"<code>{escape(whole)}</code>.</p>"
        )
    for reason, rows in one.withheld.items():
        lines.append(
            f'<p class="not"><strong>Not shown:</strong> {_counted(rows)}: {escape(REASONS[reason])}.</p>'
        )
    return "\n".join((*lines, "</section>\n"))


def _counted(rows: int) -> str:
    return f"{rows:,} {'entry' if rows == 1 else 'entries'}"


def _facts(sheet: Sheet, labels: Labels) -> Iterator[str]:
    yield '<ul class="facts">'
    if sheet.source or sheet.derived_from:
        came = SOURCES.get(sheet.source, f"from {escape(sheet.source)}") if sheet.source else ""
        derived = ", ".join(f"<code>{escape(name)}</code>" for name in sheet.derived_from)
        worked = f"worked out from {derived}" if derived else ""
        yield f"<li><strong>Where it comes from:</strong> {'; '.join(part for part in (came, worked) if part)}.</li>"
    for (category, kept_as), columns in _grouped(sheet.shown):
        if category:
            told = f"{_used(labels, category)}{_kept(labels, kept_as)}"
            yield f"<li><strong>{escape(labels.categories[category])}</strong> ({_names(columns)}){told}.</li>"
    if rest := [label.column for label in sheet.shown if not label.category]:
        yield f'<li class="soft">Besides ({_names(rest)}): dates, numbers and links that belong to the entries.</li>'
    for reason, columns in _hidden(sheet):
        yield f'<li class="not"><strong>Not shown:</strong> {_names(columns)}: {escape(REASONS[reason])}.</li>'
    yield "</ul>"


def _grouped(labels: Iterable[Label]) -> list[tuple[tuple[str, str], list[str]]]:
    found: dict[tuple[str, str], list[str]] = {}
    for label in labels:
        found.setdefault((label.category, label.kept_as), []).append(label.column)
    return list(found.items())


def _hidden(sheet: Sheet) -> list[tuple[Reason, list[str]]]:
    found: dict[Reason, list[str]] = {}
    for label in sheet.labels:
        if label.hidden is not None:
            found.setdefault(label.hidden, []).append(label.column)
    return list(found.items())


def _names(columns: Iterable[str]) -> str:
    return ", ".join(f"<code>{escape(name)}</code>" for name in columns)


def _place(sheet: Sheet) -> str:
    """Name a dataset within a line, and what people call it where the map says so."""
    name = f"<code>{escape(sheet.dataset)}</code>"
    return f"{escape(sheet.label)} ({name})" if sheet.label else name


def _used(labels: Labels, category: str) -> str:
    uses = [labels.purposes[name] for name in labels.uses.get(category, ())]
    if not uses:
        return ""
    told = (f"{escape(use.label)} ({BASES[use.basis]})" if use.basis else escape(use.label) for use in uses)
    return f", used for {'; '.join(told)}"


def _kept(labels: Labels, kept_as: str) -> str:
    kept = labels.retention.get(kept_as)
    return ", kept " + escape(_EVENT.sub(r"\1 \2", kept.ends)) if kept else ""


def _one(sheet: Sheet, shown: Shown, roles: Sequence[str]) -> Iterator[str]:
    """Write a single entry line by line."""
    values = shown.apart
    yield '<div class="rows one"><table><tbody>'
    for label in sheet.shown:
        yield f'<tr><th scope="row">{escape(label.column)}</th>{_cell(values.get(label.column))}</tr>'
    if len(sheet.roles) > 1:
        yield f'<tr><th scope="row">you are</th>{_cell(", ".join(roles))}</tr>'
    for kept_as, day in shown.until.items():
        yield f'<tr><th scope="row">kept until ({escape(kept_as)})</th><td class="date">{escape(day)}</td></tr>'
    yield "</tbody></table></div>"


def _cell(value: object) -> str:
    if value is None or value == "":
        return '<td class="none">\u2013</td>'
    if isinstance(value, (datetime, date)):
        return f'<td class="date">{escape(text(value))}</td>'
    if value == ELSE:
        return f'<td><span class="gone">{ELSE}</span></td>'
    written = value if isinstance(value, str) else text(value)
    more = len(written) - MOST_LETTERS
    if more > 0:
        return f'<td>{escape(written[:MOST_LETTERS])}\u2026 <span class="none">({more:,} more letters)</span></td>'
    return f"<td>{escape(written) if _SPECIAL.search(written) else written}</td>"


def head(made: Made, labels: Labels, person: int, sections: Sequence[Section]) -> str:
    """Write everything above the sections."""
    what = "The data you gave us" if labels.variant == "portability" else "The data we hold about you"
    with_rows = [s for s in sections if s.rows or s.withheld]
    total = sum(s.rows for s in sections)
    day = datetime.fromisoformat(made.at)
    lines = [
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer"><meta name="robots" content="noindex">',
        f"<title>{what}: {escape(made.organisation)}</title><style>{STYLE}</style></head><body>",
        f'<header><p class="kicker">{escape(made.organisation)}</p><h1>{what}</h1>',
        f'<p class="soft">As of <time datetime="{escape(made.at)}">{day:%-d %B %Y, %H:%M} UTC</time>, '
        f"person {person} of this export</p>",
        *_banners(made),
        f'<p class="lead">We found {_counted(total)} about you in '
        f"{len(with_rows)} of {len(sections)} places we looked in.</p>",
        "</header><main>",
        '<nav aria-labelledby="contents"><h2 id="contents">Contents</h2><ol>',
    ]
    for number, one in enumerate(sections, 1):
        if one in with_rows:
            named = escape(labels.headings[one.sheet.dataset])
            link = f'<a href="#d{number}">{named}</a>'
            lines.append(f'<li>{link}<span class="count">{_counted(one.rows)}</span></li>')
    return "\n".join((*lines, "</ol></nav>\n"))


def _banners(made: Made) -> Iterator[str]:
    if made.simulation:
        yield '<p class="banner" role="note"><strong>Simulation.</strong> This page was made for another instant '
        yield "than its own. It proves nothing.</p>"
    if made.incomplete:
        yield '<p class="banner" role="note"><strong>Not complete.</strong> Some places could not be looked at; they '
        yield 'are listed at <a href="#rest">the end</a>.</p>'


def foot(made: Made, labels: Labels, sections: Sequence[Section], files: Sequence[str]) -> str:
    """Write everything below the sections."""
    empty = [s.sheet for s in sections if not s.rows and not s.withheld and s.sheet.hidden is None]
    left = [(s.sheet, s.sheet.hidden) for s in sections if s.sheet.hidden is not None]
    lines = ['<section aria-labelledby="rest"><h2 id="rest">What is not on this page</h2><ul class="facts">']
    if empty:
        lines.append(f"<li><strong>We found nothing in:</strong> {', '.join(map(_place, empty))}.</li>")
    for sheet, reason in left:
        lines.append(f'<li class="not">{_place(sheet)}: {escape(REASONS[reason])}.</li>')
    for what, why in made.unlooked:
        lines.append(f'<li class="not"><strong>Not looked at:</strong> {escape(what)}: {escape(why)}.</li>')
    lines += [f"<li>{escape(note)}</li>" for note in made.notes]
    if files:
        lines.append(f"<li><strong>The same as files:</strong> {_names(files)}.</li>")
    lines.append("</ul></section></main><footer>")
    if labels.variant == "access":
        lines.append(
            "<p>You may ask us to correct or erase this data, to restrict its use, or object to it; "
        )
        lines.append("and you may complain to a supervisory authority (GDPR Art. 15(1)(e), (f)).</p>")
    asked = f" Questions: {escape(made.contact)}." if made.contact else ""
    lines.append(f"<p>Made by {escape(made.organisation)} with Troth.{asked}</p></footer></body></html>\n")
    return "\n".join(lines)
