"""The Django application of the desk; it has templates and static files, and no tables of its own."""

from __future__ import annotations

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """Register templates and static files under the label `desk`, and what is done when somebody signs in."""

    name = "troth.desk"
    label = "desk"

    def ready(self) -> None:
        """Connect to Django's signals."""
        from allauth.mfa.signals import authenticator_added
        from django.contrib.auth.signals import user_logged_in

        from troth.desk.accounts import sessions

        user_logged_in.connect(sessions.forget_ended, dispatch_uid="troth.desk.sessions")
        authenticator_added.connect(sessions.end_others, dispatch_uid="troth.desk.sessions")
