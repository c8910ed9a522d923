"""A letter as HTML for mail: everything escaped, styles in place, nothing fetched from anywhere. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from troth.letters.model import (
    Code,
    Heading,
    Letter,
    Listing,
    Paragraph,
    Part,
    Reason,
    Reasons,
    Route,
    Routes,
    Table,
)

_FONT = "font-family:-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
_PAGE = f"margin:0;padding:24px 12px;background:#f4f4f1;color:#22262a;{_FONT};font-size:16px;line-height:1.55"
_SHEET = (
    "max-width:620px;margin:0 auto;padding:32px 36px;background:#ffffff;border:1px solid #e1e1dc;"
    "border-radius:6px;color:#22262a"
)
_HEAD = "margin:0 0 24px;padding:0 0 14px;font-size:14px;color:#565d63;border-bottom:2px solid "
_H1 = "margin:0 0 20px;font-size:21px;line-height:1.3;font-weight:600;color:#14181b"
_H2 = "margin:28px 0 8px;font-size:17px;line-height:1.35;font-weight:600;color:"
_P = "margin:0 0 14px"
_LIST = "margin:0 0 14px;padding:0 0 0 22px"
_ITEM = "margin:0 0 6px"
_BOX = "margin:0 0 12px;padding:10px 0 10px 16px;border-left:3px solid #cfd8d3"
_SMALL = "margin:4px 0 0;font-size:14px;color:#565d63"
_CODE = (
    "margin:8px 0 22px;padding:16px;background:#f1f5f3;border-radius:6px;text-align:center;font-size:30px;"
    "letter-spacing:6px;font-family:'SF Mono',Consolas,'DejaVu Sans Mono',monospace;color:#14181b"
)
_TABLE = "width:100%;margin:0 0 16px;border-collapse:collapse;font-size:15px"
_TH = "padding:6px 10px 6px 0;border-bottom:2px solid #cfd8d3;text-align:left;vertical-align:bottom"
_TD = "padding:6px 10px 6px 0;border-bottom:1px solid #e7e7e2;text-align:left;vertical-align:top"
_MAIL = re.compile(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,253}")
_PAGE_ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+(/[A-Za-z0-9._~/?=&%#-]*)?")
ACCENT = "#1f5c4d"
"""Colour of headings, rules and links where the organisation names none."""
RTL = frozenset({"ar", "dv", "fa", "he", "ps", "ur", "yi"})


def render(letter: Letter, colour: str = ACCENT) -> str:
    """Write a letter as one HTML document that loads nothing; `colour` is the organisation's, as `#1f5c4d`."""
    language = escape(letter.language)
    turned = ' dir="rtl"' if letter.language.partition("-")[0].lower() in RTL else ""
    body = "\n".join(piece for part in letter.parts for piece in _part(part, colour))
    return f"""<!DOCTYPE html>
<html lang="{language}"{turned}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<title>{escape(letter.subject)}</title>
</head>
<body style="{_PAGE}">
<div style="{_SHEET}">
<p style="{_HEAD}{colour}">{_lines(_head(letter))}</p>
<h1 style="{_H1}">{escape(letter.subject)}</h1>
{body}
</div>
</body>
</html>
"""


def _part(part: Part, colour: str) -> Iterator[str]:
    match part:
        case Heading():
            yield f'<h2 style="{_H2}{colour}">{escape(part.text)}</h2>'
        case Paragraph():
            yield f'<p style="{_P}">{_lines(part.text)}</p>'
        case Code():
            yield f'<p style="{_CODE}">{escape(part.text)}</p>'
        case Listing():
            items = "".join(f'<li style="{_ITEM}">{_lines(item)}</li>' for item in part.items)
            yield f'<ul style="{_LIST}">{items}</ul>'
        case Reasons():
            yield from (_reason(one, part) for one in part.items)
        case Routes():
            yield from (_route(one, colour) for one in part.items)
        case Table():
            yield _table(part)


def _reason(reason: Reason, words: Reasons) -> str:
    small = [f"{escape(words.law)}: {_lines(reason.law)}"] if reason.law else []
    small += [f"{escape(words.until)}: {_lines(reason.until)}"] if reason.until else []
    below = f'<div style="{_SMALL}">{"<br>".join(small)}</div>' if small else ""
    return (
        f'<div style="{_BOX}"><strong>{_lines(reason.item)}</strong><br>{_lines(reason.because)}{below}</div>'
    )


def _route(route: Route, colour: str) -> str:
    where = "<br>".join(_linked(line, colour) for line in route.contact.splitlines())
    below = f'<div style="{_SMALL}">{where}</div>' if where else ""
    return f'<div style="{_BOX}"><strong>{_lines(route.name)}</strong><br>{_lines(route.how)}{below}</div>'


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col" style="{_TH}">{_lines(cell)}</th>' for cell in table.headings)
    rows = (
        "<tr>" + "".join(f'<td style="{_TD}">{_lines(cell)}</td>' for cell in row) + "</tr>"
        for row in table.rows
    )
    return f'<table style="{_TABLE}"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'


def _lines(text: str) -> str:
    return "<br>".join(escape(line) for line in text.splitlines())


def _linked(text: str, colour: str) -> str:
    """Make a link of what is nothing but a mail address or a page; anything else stays text."""
    if _PAGE_ADDRESS.fullmatch(text):
        return f'<a href="{escape(text)}" style="color:{colour}">{escape(text)}</a>'
    if _MAIL.fullmatch(text):
        return f'<a href="mailto:{escape(text)}" style="color:{colour}">{escape(text)}</a>'
    return escape(text)


def _head(letter: Letter) -> str:
    return "\n".join((letter.sender.name, *letter.sender.address))
