"""The evidence log: its entries, one with its proof, certificates, checkpoints, the bundle, and verification.

Whoever may look may do all of it: nothing here changes anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django import forms
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods

from troth.app.screens import evidence as app
from troth.app.screens.evidence import Line, Wanted
from troth.desk import here
from troth.desk.accounts.seat import needs
from troth.desk.console import evidence_words, spoken
from troth.evidence.verify import MAX_LINE
from troth.ledger.evidence_pages import PAGE
from troth.promises import listing

LARGEST = 2**53 - 1
LONGEST = 300


class Filter(forms.Form):
    """Which entries are shown."""

    kind = forms.CharField(required=False, max_length=60)
    about = forms.CharField(required=False, max_length=LONGEST, strip=True, label="About")
    day = forms.DateField(
        required=False,
        label="Day",
        widget=forms.DateInput(attrs={"type": "date"}),
        input_formats=["%Y-%m-%d"],
    )
    before = forms.IntegerField(required=False, min_value=0, max_value=LARGEST, widget=forms.HiddenInput)
    after = forms.IntegerField(required=False, min_value=0, max_value=LARGEST, widget=forms.HiddenInput)


class Kept(forms.Form):
    """A checkpoint somebody kept from earlier."""

    since = forms.CharField(
        required=False,
        max_length=MAX_LINE,
        label="A checkpoint you kept from earlier",
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "class": "mono"}),
        strip=False,
    )


@require_GET
@needs("look")
def entries(request: HttpRequest) -> HttpResponse:
    """Show a page of entries."""
    form = Filter(request.GET)
    wanted = Wanted(**form.cleaned_data) if form.is_valid() else Wanted()
    page = app.page(wanted, here.place())
    titles = {one.id: spoken.spoken(one.title) for one in listing.promises(here.project().policy)}
    said = {
        "page": page,
        "form": form,
        "wanted": wanted,
        "lines": [_row(line, titles) for line in page.lines],
        "kinds": [(kind, evidence_words.called(kind)) for kind in page.kinds],
        "filtered": bool(wanted.kind or wanted.about or wanted.day),
        "tab": "entries",
    }
    return render(request, "desk/console/evidence.html", said)


@require_GET
@needs("look")
def entry(request: HttpRequest, index: int) -> HttpResponse:
    """Show one entry, its bytes and its proof."""
    told = app.entry(index, here.place())
    said = {
        "told": told,
        "row": _row(told.line),
        "facts": evidence_words.facts(told.line.facts, told.staff),
        "links": evidence_words.links(told.line),
        "tab": "entries",
    }
    return render(request, "desk/console/evidence_entry.html", said)


@require_GET
@needs("look")
def certificates(request: HttpRequest) -> HttpResponse:
    """Show the erasures that ended."""
    lines = app.certificates(here.place(), before=_number(request.GET.get("before", "")))
    rows = [
        {"line": line, "outcome": evidence_words.OUTCOMES.get(str(line.facts.get("outcome")), ("", ""))}
        for line in lines[:PAGE]
    ]
    more = lines[PAGE - 1].index if len(lines) > PAGE else None
    said = {"rows": rows, "older": more, "tab": "certificates"}
    return render(request, "desk/console/evidence_certificates.html", said)


@require_GET
@needs("look")
def certificate(request: HttpRequest, index: int) -> HttpResponse:
    """Show what evidence says of one erasure."""
    found = app.certificate(index, here.place())
    facts = found.line.facts
    said = {
        "found": found,
        "facts": facts,
        "checked": datetime.fromisoformat(str(facts["checked"])),
        "by": found.staff.get(str(facts.get("by", "")), ""),
        "outcome": evidence_words.OUTCOMES[str(facts["outcome"])],
        "steps": found.of("step.receipt"),
        "purges": found.of("purge"),
        "rechecks": found.of("recheck"),
        "tombstones": found.of("tombstone.made"),
        "tasks": found.of("task.done"),
        "tab": "certificates",
    }
    return render(request, "desk/console/evidence_certificate.html", said)


@require_GET
@needs("look")
def checkpoints(request: HttpRequest) -> HttpResponse:
    """Show the signed checkpoints."""
    found = app.checkpoints(here.place(), before=_number(request.GET.get("before", "")))
    older = found[PAGE - 1].number if len(found) > PAGE else None
    said = {"signed": found[:PAGE], "older": older, "tab": "checkpoints"}
    return render(request, "desk/console/evidence_checkpoints.html", said)


@require_http_methods(["GET", "POST"])
@needs("look")
def bundle(request: HttpRequest) -> HttpResponse:
    """Show what a bundle holds; when asked, run the verifier on the log as it is and show its words.

    Verifying reads the whole log, so it is asked for by a button; it changes nothing.
    """
    verdict, form = "", Kept()
    if request.method == "POST":
        form = Kept(request.POST)
        if form.is_valid():
            verdict = app.verify(form.cleaned_data["since"], here.place())
    said = {
        "bundle": app.bundled(here.place()),
        "form": form,
        "verdict": verdict,
        "tone": evidence_words.tone(verdict),
        "tab": "bundle",
    }
    return render(request, "desk/console/evidence_bundle.html", said)


@require_GET
@needs("look")
def download(request: HttpRequest) -> FileResponse:
    """Send the bundle."""
    del request
    at = here.place()
    name = f"evidence-{at.clock.now():%Y-%m-%d}.zip"
    response = FileResponse(
        app.download(at), as_attachment=True, filename=name, content_type="application/zip"
    )
    response["Cache-Control"] = "no-store"
    return response


def _row(line: Line, titles: Mapping[str, str] = MappingProxyType({})) -> dict[str, Any]:
    return {
        "line": line,
        "states": evidence_words.first(line),
        "says": evidence_words.short(line, titles),
        "tone": evidence_words.mark(line),
    }


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


urlpatterns = [
    path("evidence/", entries, name="evidence"),
    path("evidence/certificates/", certificates, name="evidence-certificates"),
    path("evidence/certificates/<int:index>/", certificate, name="evidence-certificate"),
    path("evidence/checkpoints/", checkpoints, name="evidence-checkpoints"),
    path("evidence/bundle/", bundle, name="evidence-bundle"),
    path("evidence/bundle/download/", download, name="evidence-download"),
    path("evidence/<int:index>/", entry, name="evidence-entry"),
]
