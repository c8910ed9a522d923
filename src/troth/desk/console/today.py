"""Today: what waits for somebody, each as a number that leads to its screen."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, path, reverse
from django.views.decorators.http import require_GET

from troth.app.screens import today as app
from troth.app.screens.today import Today
from troth.desk import here
from troth.desk.accounts.seat import needs


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One thing that waits."""

    number: int
    words: str
    tone: str
    """`bad`, `soon` or `good`; never the only sign of it."""
    says: str
    address: str = ""


@require_GET
@needs("look")
def today(request: HttpRequest) -> HttpResponse:
    """Show what waits."""
    found = app.today(here.place())
    cards = _cards(found)
    waiting = [card for card in cards if card.number]
    quiet = [card for card in cards if not card.number]
    said = {"found": found, "waiting": waiting, "quiet": quiet}
    return render(request, "desk/console/today.html", said)


def _cards(found: Today) -> list[Card]:
    counts, broken = found.counts, found.totals.get("broken", 0)
    return [
        _card(
            counts.overdue,
            "overdue request",
            "bad",
            "After the day the law gives",
            "requests",
            "?tab=overdue",
        ),
        _card(
            counts.soon,
            "request due within 7 days",
            "soon",
            "Or past the safe day",
            "requests",
            "?tab=soon",
        ),
        _card(broken, "broken promise", "bad", _checked(found), "promises", "?status=broken"),
        _card(counts.to_approve, "plan to approve", "soon", "By somebody else than its maker", "plans"),
        _card(
            counts.plans_stopped, "stopped plan", "bad", "It can be started again", "plans", "?group=stopped"
        ),
        _card(counts.reviews, "hold to review", "soon", f"Of {counts.holds:,} that stand", "holds"),
        _card(
            found.undeclared,
            "undeclared table or column",
            "bad",
            "No rule ends what it holds",
            "data",
            "#undeclared",
        ),
        _card(len(found.away), "store that does not answer", "bad", ", ".join(found.away), "data", "#stores"),
        _card(counts.letters_failed, "letter that failed", "bad", "In the last 30 days", "mail"),
        _card(counts.mail, "message to sort", "soon", "Is it a request?", "mail"),
        _card(counts.tasks, "task for a person", "soon", "What no program can do", "requests"),
    ]


def _card(number: int, words: str, tone: str, says: str, screen: str, after: str = "") -> Card:
    plural = words if number == 1 else _plural(words)
    return Card(number=number, words=plural, tone=tone, says=says, address=_address(screen, after))


def _plural(words: str) -> str:
    """Return the words for several: the first noun takes the s."""
    irregular = {
        "request due within 7 days": "requests due within 7 days",
        "plan to approve": "plans to approve",
        "hold to review": "holds to review",
        "undeclared table or column": "undeclared tables and columns",
        "store that does not answer": "stores that do not answer",
        "letter that failed": "letters that failed",
        "message to sort": "messages to sort",
        "task for a person": "tasks for a person",
    }
    return irregular.get(words, f"{words}s")


def _checked(found: Today) -> str:
    return f"Of {found.promises:,} promises" if found.last else "No check was made yet"


def _address(screen: str, after: str) -> str:
    try:
        return f"{reverse(f'console:{screen}')}{after}"
    except NoReverseMatch:
        return ""


urlpatterns = [path("", today, name="today")]
