"""`spoken`, and other filters: texts of the lower rooms in the words of a desk."""

from __future__ import annotations

import re

from django import template
from django.utils.safestring import SafeString

from troth.desk.console import case_words
from troth.desk.console import spoken as words
from troth.desk.public import residences

register = template.Library()
PLACE = re.compile(r"\b(in|for|at) ((?:EU-)?[A-Z]{2}(?:-[A-Z]{2,3})?)\b")


@register.filter
def spoken(text: object) -> str:
    """Write a text in the words of a desk; what is not text becomes it."""
    return PLACE.sub(_place, words.spoken(str(text)))


@register.filter
def plainly(hint: object) -> str:
    """Leave out of a hint the sentences that name commands."""
    return case_words.plainly(str(hint))


@register.filter
def instant(text: object) -> str:
    """Write an instant as people read it; what is none stays as it is."""
    return words.instant(str(text))


@register.filter
def browser(agent: object) -> str:
    """Name a browser by what it says of itself."""
    return words.browser(str(agent))


@register.filter
def letter(kind: object) -> str:
    """Say what a letter is."""
    return case_words.letter(str(kind))


@register.filter
def place(code: object) -> str:
    """Say a place by its name."""
    return residences.name(str(code))


def _place(found: re.Match[str]) -> str:
    return f"{found[1]} {residences.name(found[2])}"


@register.simple_tag
def places() -> SafeString:
    """List the places there are, for fields that suggest them."""
    return residences.suggestions()
