"""The addresses of the console: each screen has its own `urlpatterns`, listed here by hand.

A screen stands in a module of its own beside this one; its views are guarded by `accounts.seat.needs`.
"""

from __future__ import annotations

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

urlpatterns: list[URLPattern | URLResolver] = [
    one
    for screen in SCREENS
    if find_spec(f"{__package__}.{screen}")
    for one in import_module(f"{__package__}.{screen}").urlpatterns
]
