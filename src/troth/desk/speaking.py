"""Rooms of staff speak English, whatever a browser prefers: half a page in another language helps nobody.

The privacy centre speaks the languages of those who ask; which one is decided by Django before this.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils import translation

ENGLISH = ("/desk/", "/account/")
"""Where the rooms of staff begin."""


class Rooms:
    """Choose the language by the room."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep what comes after."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Speak English in the rooms of staff."""
        if request.path.startswith(ENGLISH):
            translation.activate("en")
            request.LANGUAGE_CODE = "en"
        return self.get_response(request)
