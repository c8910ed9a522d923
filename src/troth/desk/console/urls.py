"""The addresses of the console: each screen has its own `urlpatterns`, listed here by hand.

A screen stands in a module of its own beside this one; its views are guarded by `accounts.seat.needs`.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec

from django.urls import URLPattern, URLResolver

app_name = "console"
SCREENS = (
    "today",
    "requests",
    "case",
    "promises",
    "plans",
    "datamap",
    "holds",
    "evidence",
    "laws",
    "mail",
    "jobs",
    "settings",
)
"""Modules of this package, in the order of the navigation."""


def _of(screen: str) -> list[URLPattern | URLResolver]:
    name = f"{__package__}.{screen}"
    if not find_spec(name):
        return []
    try:
        found: list[URLPattern | URLResolver] = list(import_module(name).urlpatterns)
    except (ImportError, SyntaxError, AttributeError, NameError) as error:  # while screens are being built
        print(f"console: {screen} cannot be imported: {error}", file=sys.stderr)  # noqa: T201
        return []
    return found


urlpatterns: list[URLPattern | URLResolver] = [one for screen in SCREENS for one in _of(screen)]
