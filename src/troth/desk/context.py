"""What every template may use: the organisation's name."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from troth.desk import here


def everywhere(request: HttpRequest) -> dict[str, Any]:
    """Return what each page shows."""
    del request
    return {"organisation": here.project().policy.organisation}
