"""The addresses of this room."""

from __future__ import annotations

from django.urls import URLPattern, path

from troth.desk.operating import health

app_name = "operating"

urlpatterns: list[URLPattern] = [
    path("health/live", health.live, name="live"),
    path("health/ready", health.ready, name="ready"),
    path("metrics", health.metrics, name="metrics"),
]
