"""Two pages about the interface for people: its documentation to try out, and what each problem means.

Swagger UI comes from django-ninja's static files; the page has no script of its own, so that the strict policy on
content holds.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from troth.desk.api import problem


def docs(request: HttpRequest) -> HttpResponse:
    """Show the documentation."""
    # With deep links each operation is a link within a button, which no screen reader can make sense of.
    set_up = {
        "url": reverse("api:openapi-json"),
        "layout": "BaseLayout",
        "deepLinking": False,
        "defaultModelsExpandDepth": -1,
        "validatorUrl": None,
        "tryItOutEnabled": False,
    }
    return render(request, "desk/api/docs.html", {"set_up": set_up})


def problems(request: HttpRequest) -> HttpResponse:
    """Show what each type of problem is."""
    rows = [(name, status, title) for name, (status, title) in problem.TYPES.items()]
    return render(request, "desk/api/problems.html", {"rows": rows})
