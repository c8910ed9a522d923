"""The addresses of this room."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path, re_path

from troth.desk.api import edge, interface, pages

_patterns, _app, _namespace = interface.make().urls
_guarded = [edge.guarded(one) for one in _patterns if isinstance(one, URLPattern) and one.name != "api-root"]
_guarded.append(path("", edge.nothing_here, name="api-root"))

urlpatterns: list[URLPattern | URLResolver] = [
    path("docs", pages.docs, name="api-docs"),
    path("problems", pages.problems, name="api-problems"),
    path("v1/", include((_guarded, _app), _namespace)),
    re_path(r"^(?P<rest>.*)$", edge.nothing_here),
]
