"""A report as one HTML page to mail or print: no script, no outside request, no personal value.

Everything a page shows comes from the report; every text is escaped. How it looks stands in `page_style`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from troth.promises.page_style import STYLE
from troth.promises.report import ORDER, Report, place
from troth.promises.results import Ground, Result, Status, counted, heading

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""Content security policy: the page may load nothing at all."""

WORDS = {
    Status.BROKEN: "Broken",
    Status.UNPROVEN: "Unproven",
    Status.NOT_TRIGGERED: "Not triggered",
    Status.KEPT: "Kept",
}
MARKS = {Status.BROKEN: "✕", Status.UNPROVEN: "?", Status.NOT_TRIGGERED: "–", Status.KEPT: "✓"}  # noqa: RUF001


def render(report: Report) -> str:
    """Make the page."""
    title = f"Privacy promises of {report.organisation}"
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{escape(title)}: {_day(report)}</title><style>{STYLE}</style></head><body>",
        *_head(report),
        "<main>",
        *_broken(report),
        *_unproven(report),
        *_everything(report),
        *_stores(report),
        "</main>",
        *_foot(report),
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def _day(report: Report) -> str:
    return f"{report.at:%-d %B %Y}"


def _head(report: Report) -> Iterator[str]:
    yield f'<header><p class="kicker">{escape(report.organisation)}</p><h1>What we promise, and what we keep</h1>'
    yield f'<p class="soft">Checked on <time datetime="{report.at.isoformat()}">{_day(report)}, '
    yield f"{report.at:%H:%M} {escape(report.at.tzname() or '')}</time></p>"
    if report.simulation:
        yield '<p class="banner" role="note"><strong>Simulation.</strong> This page shows another instant than '
        yield "the one it was made at, on the data of that day. It proves nothing.</p>"
    yield f'<p class="lead">{_verdict(report)}</p><ul class="totals">'
    for status in ORDER:
        yield f'<li class="{status}"><strong>{report.totals[status]:,}</strong>'
        yield f'<span class="word">{WORDS[status]}</span><p>{status.meaning}</p></li>'
    yield '</ul><div class="bar" aria-hidden="true">'
    for status in ORDER:
        if report.totals[status]:
            yield f'<span class="{status}" style="flex:{report.totals[status]}"></span>'
    yield "</div></header>"


def _verdict(report: Report) -> str:
    total, broken = len(report.results), report.totals[Status.BROKEN]
    rows = sum(result.rows for result in report.results)
    nouns = {result.noun for result in report.results if result.offences}
    noun = nouns.pop() if len(nouns) == 1 else "finding"
    if broken:
        are = "is" if broken == 1 else "are"
        text = f"<strong>{broken} of {counted(total, 'promise')} {are} broken</strong>, by {counted(rows, noun)}."
    else:
        text = f"None of {counted(total, 'promise')} is known to be broken."
    unproven = report.totals[Status.UNPROVEN]
    if unproven:
        text += f" For {unproven} there is no proof either way, and each says what is missing."
    if report.attested:
        text += f" A person stands by name for {report.attested}."
    return text


def _status(status: Status) -> str:
    mark = f'<span aria-hidden="true">{MARKS[status]}</span>'
    return f'<span class="status {status}">{mark} {WORDS[status]}</span>'


def _broken(report: Report) -> Iterator[str]:
    found = report.of(Status.BROKEN)
    if not found:
        return
    yield '<section aria-labelledby="broken"><h2 id="broken">Broken promises</h2>'
    for result in found:
        oldest = result.oldest
        since = f", the oldest from {oldest.oldest:%-d %B %Y}" if oldest and oldest.oldest else ""
        yield f'<article class="card broken"><div class="top"><h3>{escape(result.promise.title)}</h3>'
        yield f'{_status(result.status)}</div><p class="number">{counted(result.rows, result.noun)}{since}</p><ul>'
        for offence in result.offences:
            if offence.says:
                yield f"<li>{escape(offence.says)}</li>"
                continue
            day = f", oldest {offence.oldest.isoformat()}" if offence.oldest else ""
            where = f"<code>{escape(offence.dataset)}</code>"
            yield f"<li>{where}: {counted(offence.rows, offence.noun)}{day}</li>"
        yield "</ul>"
        if result.grounds:
            yield f'<p class="soft">Not counted, with a ground to stay: {_grounds(result.grounds)}.</p>'
        if result.reasons:
            missing = "; ".join(escape(reason.message) for reason in result.reasons)
            yield f'<p class="soft">There may be more: {missing}.</p>'
        yield f"{_meta(result)}</article>"
    yield "</section>"


def _grounds(grounds: Iterable[Ground]) -> str:
    words = {"hold": "under", "needed-by": "needed by", "other-controller": "held for somebody else"}
    return "; ".join(
        f"{counted(g.rows, 'row')} in {escape(g.dataset)} {words[g.reason]} {escape(g.detail)}".rstrip()
        for g in grounds
    )


def _meta(result: Result) -> str:
    facts = [f"<span>Promise <code>{escape(result.promise.id)}</code></span>"]
    if place(result):
        facts.append(f"<span>Written in <code>{escape(place(result))}</code></span>")
    if result.promise.says:
        facts.append(f"<span>Sentences {_prints(result)}</span>")
    if result.attested:
        stands = result.attested
        facts.append(f"<span>Stated by {escape(stands.by)} until {stands.until.isoformat()}</span>")
    return f'<p class="meta">{"".join(facts)}</p>'


def _prints(result: Result) -> str:
    return " ".join(f"<code>{escape(print_)}</code>" for print_ in result.promise.says)


def _unproven(report: Report) -> Iterator[str]:
    """Group by reason: one table a reason, one line for each thing that is missing."""
    groups: dict[str, dict[str, list[str]]] = {}
    for result in report.of(Status.UNPROVEN):
        for reason in result.reasons:
            groups.setdefault(reason.code, {}).setdefault(reason.message, []).append(result.promise.id)
    if not groups:
        return
    yield '<section aria-labelledby="unproven"><h2 id="unproven">Unproven, by what is missing</h2>'
    yield '<p class="soft">A promise stands under each reason it has. It is proven once all of them are gone.</p>'
    for code, messages in sorted(groups.items(), key=lambda group: (group[0] == "not-built", group[0])):
        ids = {name for names in messages.values() for name in names}
        yield f'<div class="sheet" tabindex="0" role="region" aria-label="{escape(heading(code))}">'
        yield f'<table class="group"><caption>{escape(heading(code))} '
        yield f'<span class="soft">· {counted(len(ids), "promise")}</span></caption>'
        yield '<thead><tr><th scope="col">What</th><th scope="col">Promises</th></tr></thead><tbody>'
        for message, names in messages.items():
            chips = "".join(f"<li><code>{escape(name)}</code></li>" for name in dict.fromkeys(names))
            yield f'<tr><td>{escape(message)}</td><td><ul class="chips">{chips}</ul></td></tr>'
        yield "</tbody></table></div>"
    yield "</section>"


_COLUMNS = ("Promise", "Status", "Rows", "Oldest", "Why", "Written in", "Sentences")


def _everything(report: Report) -> Iterator[str]:
    yield '<section aria-labelledby="all"><h2 id="all">Every promise</h2>'
    yield '<div class="sheet" tabindex="0" role="region" aria-labelledby="all"><table><thead><tr>'
    for name in _COLUMNS:
        yield f'<th scope="col"{_right(name)}>{name}</th>'
    yield "</tr></thead><tbody>"
    for result, row in zip(report.results, report.rows(), strict=True):
        stands = f'<span class="id">Stated by {escape(row.attested)}</span>' if row.attested else ""
        yield f'<tr><th scope="row">{escape(result.promise.title)}<code class="id">{escape(row.id)}</code></th>'
        yield f"<td>{_status(row.status)}{stands}</td>"
        yield f'<td class="number">{row.number}</td><td class="day">{row.oldest}</td>'
        yield f"<td>{escape(row.why)}{_allowed(result)}</td>"
        yield f'<td class="day"><code>{escape(row.place)}</code></td><td>{_prints(result)}</td></tr>'
    yield "</tbody></table></div></section>"


def _right(name: str) -> str:
    return ' class="number"' if name == "Rows" else ""


def _allowed(result: Result) -> str:
    if not result.grounds or result.status is Status.BROKEN:
        return ""
    return f'<span class="id">Stays with a ground: {_grounds(result.grounds)}</span>'


def _stores(report: Report) -> Iterator[str]:
    yield '<section aria-labelledby="stores"><h2 id="stores">Stores</h2>'
    if not report.stores:
        yield "<p>The data map names no store.</p></section>"
        return
    yield '<div class="sheet"><table><thead><tr><th scope="col">Store</th><th scope="col">Looked at</th>'
    yield "</tr></thead><tbody>"
    for store in report.stores:
        when = f"{store.at:%Y-%m-%d %H:%M} {store.at.tzname() or ''}" if store.at else "not looked at"
        seen = escape(store.trouble or when)
        yield f'<tr><th scope="row"><code>{escape(store.name)}</code></th><td>{seen}</td></tr>'
    if report.own:
        yield f'<tr><th scope="row">Troth\'s own ledger</th><td>{escape(str(report.own))}</td></tr>'
    yield "</tbody></table></div></section>"


def _foot(report: Report) -> Iterator[str]:
    yield '<footer><h2 id="how">How to read this page</h2><dl>'
    for status in ORDER:
        yield f"<dt>{WORDS[status]}</dt><dd>{status.meaning}</dd>"
    yield "<dt>Written in</dt><dd>File and line of the rule.</dd>"
    yield "<dt>Sentences</dt><dd>Fingerprints of the sentences of the published text that make the promise.</dd>"
    yield "<dt>Personal data</dt><dd>This page holds none: places, counts and dates only.</dd>"
    if not report.simulation:
        yield f'<dt>Report</dt><dd class="mono">sha256:{report.hash}</dd>'
    yield f'<dt>Rules</dt><dd class="mono">sha256:{report.rules}</dd></dl>'
    yield "<p>Made by Troth.</p></footer>"
