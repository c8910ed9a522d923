"""The data map: a picture one can click, the same as tables, one dataset field by field, and a look at the stores."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST

from troth.app import looking
from troth.app.screens import picture
from troth.desk import here
from troth.desk.accounts.seat import needs
from troth.desk.console import datamap_picture, promise_words
from troth.desk.console.datamap_picture import Box

DIGITS = 5


@require_GET
@needs("look")
def data(request: HttpRequest) -> HttpResponse:
    """Show the whole map, or what lies in one store."""
    found = picture.picture(here.place())
    store = request.GET.get("store", "")
    store = store if any(home.name == store for home in found.stores) else ""
    page = _number(request.GET.get("page", "1"))
    drawing = datamap_picture.draw(found, store=store, page=page)
    boxes = [{"box": box, "address": _address(box)} for box in drawing.boxes]
    said = {
        "map": found,
        "store": store,
        "drawing": drawing,
        "boxes": boxes,
        "page": min(max(page, 1), drawing.pages),
        "datasets": [one for one in found.datasets if store in ("", one.store)],
    }
    return render(request, "desk/console/datamap.html", said)


@require_GET
@needs("look")
def dataset(request: HttpRequest, name: str) -> HttpResponse:
    """Show one dataset field by field."""
    told = picture.dataset(name, here.place())
    promises = [{"line": line, "word": promise_words.STATUS[line.status]} for line in told.promises]
    return render(request, "desk/console/datamap_dataset.html", {"told": told, "promises": promises})


@require_POST
@needs("make-plans")
def look(request: HttpRequest) -> HttpResponse:
    """Look at every store now."""
    seen = looking.look(here.place())
    away = [one.store for one in seen if one.trouble]
    unsaid = sum(len(one.undeclared) for one in seen)
    found = f"{unsaid} undeclared." if unsaid else "Nothing is undeclared."
    messages.success(request, f"Looked at {len(seen) - len(away)} of {len(seen)} stores. {found}")
    if away:
        messages.warning(request, f"Not reached: {', '.join(away)}. What was last known of them is shown.")
    return redirect("console:data")


def _address(box: Box) -> str:
    if box.kind == "dataset":
        return reverse("console:dataset", kwargs={"name": box.name})
    if box.kind == "store":
        return f"{reverse('console:data')}?store={box.name}"
    return "#undeclared" if box.kind == "undeclared" else "#people"


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < DIGITS else 1


urlpatterns = [
    path("data/", data, name="data"),
    path("data/look/", look, name="data-look"),
    path("data/<str:name>/", dataset, name="dataset"),
]
