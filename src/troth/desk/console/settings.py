"""Settings: how the installation stands, the project's files, and where staff and other systems are looked after."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from troth.app.screens import overview
from troth.desk import here
from troth.desk.accounts.seat import needs
from troth.desk.console import settings_staff, settings_systems


@require_GET
@needs("look")
def show(request: HttpRequest) -> HttpResponse:
    """Show how the installation stands."""
    said = {"overview": overview.of(here.ledger(), here.place()), "tab": "overview"}
    return render(request, "desk/console/settings.html", said)


@require_GET
@needs("look")
def files(request: HttpRequest) -> HttpResponse:
    """Show what is wrong with the project's files, and what was accepted."""
    linted, remarks = overview.files(here.place())
    said = {"remarks": remarks, "accepted": linted.accepted, "tab": "files"}
    return render(request, "desk/console/settings_files.html", said)


urlpatterns = [
    path("settings/", show, name="settings"),
    path("settings/files/", files, name="settings-files"),
    *settings_staff.urlpatterns,
    *settings_systems.urlpatterns,
]
