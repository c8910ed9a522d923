"""The laws: every pack, one law on a day, and a calculator of terms. Nothing is kept of what is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from troth.app import laws as app
from troth.app.laws import Wish
from troth.desk import faults, here
from troth.desk.accounts.seat import needs
from troth.laws import calendars, shelf, terms
from troth.laws.model import Pack, Rule
from troth.problems import BadInput

SURE = {
    "read": ("good", "read in the law"),
    "secondary": ("soon", "from a secondary source"),
    "memory-very-high": ("soon", "from memory, very sure"),
    "memory-high": ("soon", "from memory, fairly sure"),
    "memory-medium": ("bad", "from memory, look it up"),
    "interpretation": ("soon", "our reading"),
}
"""Tone and words of each mark; the worst one stands for a law."""
RANKS = tuple(SURE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One law in the list."""

    pack: Pack
    claimed: bool
    in_force: bool
    rules: int
    """In force on the day."""
    sure: list[tuple[str, str, int]]
    """Tone, words and number of rules."""


class Day(forms.Form):
    """The day by which laws are shown."""

    on = forms.DateField(
        required=False, label="On", widget=forms.DateInput(attrs={"type": "date"}), input_formats=["%Y-%m-%d"]
    )


class Ask(forms.Form):
    """What the calculator is asked."""

    laws = forms.MultipleChoiceField(label="Laws", widget=forms.CheckboxSelectMultiple)
    event = forms.ChoiceField(label="What is asked for")
    received = forms.DateField(
        label="Received on", widget=forms.DateInput(attrs={"type": "date"}), input_formats=["%Y-%m-%d"]
    )
    hour = forms.TimeField(
        label="At",
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}),
        help_text="On the clock of the place; noon when left out.",
    )
    place = forms.ChoiceField(label="Place", required=False, help_text="Whose holidays and clock count.")

    def __init__(self, *given: Any, packs: Sequence[Pack], **named: Any) -> None:
        super().__init__(*given, **named)
        events = sorted({event for pack in packs for event in terms.events(pack)})
        fields: dict[str, Any] = self.fields
        fields["laws"].choices = [(pack.law, f"{pack.law}: {pack.name}") for pack in packs]
        fields["event"].choices = [(event, _event(event)) for event in events]
        fields["place"].choices = [
            ("", "The law's own"),
            *((p, p) for p in sorted(shelf.calendars().places)),
        ]


@require_GET
@needs("look")
def laws(request: HttpRequest) -> HttpResponse:
    """Show every pack: from when it is law, and how sure it is."""
    form, on = _day(request)
    claimed = here.project().policy.organisation.laws
    rows = sorted((_row(pack, on, claimed) for pack in app.listed()), key=lambda row: not row.claimed)
    said = {"rows": rows, "form": form, "on": on, "tab": "packs"}
    return render(request, "desk/console/laws.html", said)


@require_GET
@needs("look")
def law(request: HttpRequest, law: str) -> HttpResponse:
    """Show one law on a day."""
    form, on = _day(request)
    shown = app.show(law, on)
    groups = [
        ("Rights", _of(shown.rules, shown.pack.rights)),
        ("Terms", _of(shown.rules, shown.pack.terms)),
        ("What moves a term", _of(shown.rules, shown.pack.moves)),
        ("Duties", _of(shown.rules, shown.pack.duties)),
    ]
    said = {
        "shown": shown,
        "form": form,
        "on": on,
        "groups": [_group(title, [_rule(rule) for rule in rules]) for title, rules in groups if rules],
        "to_come": [_rule(rule) for rule in shown.to_come],
        "gone": [_rule(rule) for rule in shown.gone],
        "claimed": shown.pack.law in here.project().policy.organisation.laws,
        "tab": "packs",
    }
    return render(request, "desk/console/laws_one.html", said)


@require_GET
@needs("look")
def clock(request: HttpRequest) -> HttpResponse:
    """Compute a term: the legal and the safe end, with every rule that led to them."""
    packs = app.listed()
    claimed = [law for law in here.project().policy.organisation.laws if any(law == p.law for p in packs)]
    asked = "received" in request.GET
    start = {"laws": claimed, "event": "access.respond", "received": here.place().clock.now().date()}
    form = Ask(request.GET if asked else None, packs=packs, initial=start)
    told = None
    if asked and form.is_valid():
        try:
            told = app.clocks(_wish(form.cleaned_data), here.place().clock.now())
        except BadInput as bad:
            faults.on_form(form, bad)
    shown = [_clock(one) for one in told.clocks] if told else []
    said = {"form": form, "told": told, "tab": "clock", "clocks": shown}
    return render(request, "desk/console/laws_clock.html", said)


def _wish(said: dict[str, Any]) -> Wish:
    place = said["place"]
    own = shelf.load(said["laws"][0]).places[0] if len(said["laws"]) == 1 else ""
    zone = calendars.place(place or own).zone if place or own else UTC
    at = datetime.combine(said["received"], said["hour"] or time(12), zone or UTC)
    return Wish(
        laws=tuple(said["laws"]),
        event=said["event"],
        received=at.isoformat(),
        places=(place,) if place else (),
    )


def _clock(one: Any) -> dict[str, Any]:
    steps = [(step, SURE.get(step.sure, ("", ""))) for step in one.trace]
    return {"clock": one, "steps": steps}


def _day(request: HttpRequest) -> tuple[Day, date]:
    today = here.place().clock.now().date()
    form = Day(request.GET or None, initial={"on": today})
    found = form.cleaned_data["on"] if form.is_valid() else None
    return form, found or today


def _row(pack: Pack, on: date, claimed: Sequence[str]) -> Row:
    rules = [rule for rule in pack.rules if pack.in_force(rule, on)]
    counts = [(*SURE[mark], sum(rule.sure == mark for rule in rules)) for mark in RANKS]
    return Row(
        pack=pack,
        claimed=pack.law in claimed,
        in_force=bool(rules),
        rules=len(rules),
        sure=[one for one in counts if one[2]],
    )


def _of(rules: Sequence[Rule], group: Sequence[Rule]) -> list[Rule]:
    known = {id(rule) for rule in group}
    return [rule for rule in rules if id(rule) in known]


def _group(title: str, rules: list[dict[str, Any]]) -> tuple[str, list[dict[str, Any]], bool]:
    """Return a table of rules, and whether any of them says how long."""
    return title, rules, any(rule["takes"] for rule in rules)


def _rule(rule: Rule) -> dict[str, Any]:
    takes = getattr(rule, "takes", None) or getattr(rule, "period", None)
    return {
        "rule": rule,
        "tone": SURE[rule.sure][0],
        "sure": SURE[rule.sure][1],
        "what": _what(rule),
        "takes": str(takes or "").replace("-", " "),
        "extended": getattr(rule, "extended", None),
        "lists": _lists(rule),
    }


def _what(rule: Rule) -> str:
    """Say what a rule is about, whatever kind of rule it is."""
    if (right := getattr(rule, "right", "")) != "":
        return str(right).replace("-", " ")
    if (says := getattr(rule, "says", "")) != "":
        return str(says)
    act = getattr(rule, "act", "") or f"{getattr(rule, 'on', '')}: {getattr(rule, 'effect', '')}"
    of = ", ".join(getattr(rule, "of", ()))
    return f"{act}{f' ({of})' if of else ''}".replace("-", " ")


def _lists(rule: Rule) -> list[tuple[str, Sequence[str]]]:
    names = {
        "when": "When",
        "unless": "Unless",
        "answer_holds": "The answer holds",
        "who": "Who else may ask",
    }
    found = [(words, getattr(rule, name, ())) for name, words in names.items()]
    return [(words, listed) for words, listed in found if listed and not isinstance(listed, str)]


def _event(event: str) -> str:
    right, _, act = event.partition(".")
    return f"{right}: {act}".replace("-", " ")


urlpatterns = [
    path("laws/", laws, name="laws"),
    path("laws/clock/", clock, name="laws-clock"),
    path("laws/<str:law>/", law, name="law"),
]
