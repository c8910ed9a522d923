"""The addresses of the console: each screen has its own `urlpatterns`, listed here by hand.

A screen stands in a module of its own beside this one; its views are guarded by `accounts.seat.needs`.
"""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

from troth.desk.console import (
    case,
    datamap,
    evidence,
    holds,
    jobs,
    laws,
    mail,
    plans,
    promises,
    requests,
    settings,
    today,
)

app_name = "console"

urlpatterns: list[URLPattern | URLResolver] = [
    *today.urlpatterns,
    *requests.urlpatterns,
    *case.urlpatterns,
    *promises.urlpatterns,
    *plans.urlpatterns,
    *datamap.urlpatterns,
    *holds.urlpatterns,
    *evidence.urlpatterns,
    *laws.urlpatterns,
    *mail.urlpatterns,
    *jobs.urlpatterns,
    *settings.urlpatterns,
]
