"""The Django application of the desk; it has templates, static files and commands, and no tables of its own."""

from __future__ import annotations

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """Register templates and static files under the label `desk`."""

    name = "troth.desk"
    label = "desk"
