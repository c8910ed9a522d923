"""Every address of the desk, room by room."""

from __future__ import annotations

import sys
from importlib import import_module

from django.urls import URLResolver, include, path

from troth.desk.console import tables


def _room(prefix: str, name: str) -> list[URLResolver]:
    try:
        import_module(name)
    except ImportError as error:  # while rooms are being built
        print(f"desk: {name} cannot be imported: {error}", file=sys.stderr)  # noqa: T201
        return []
    return [path(prefix, include(name))]


urlpatterns = [
    *_room("account/", "allauth.urls"),
    path("desk/tables/", tables.site.urls),
    *_room("desk/", "troth.desk.console.urls"),
    *_room("api/", "troth.desk.api.urls"),
    *_room("", "troth.desk.operating.urls"),
    *_room("", "troth.desk.public.urls"),
]

handler400 = "troth.desk.faults.bad_request"
handler403 = "troth.desk.faults.forbidden"
handler404 = "troth.desk.faults.not_found"
handler429 = "troth.desk.faults.too_many_tries"  # allauth's name
handler500 = "troth.desk.faults.unforeseen"
