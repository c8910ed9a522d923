"""Handing a package over: a fresh code, then one download behind a link that runs out.

What is sent comes from the request's own drawer, by its signed list; no address names a file.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from troth.app.centre import package as centre_package
from troth.app.centre.package import Parcel
from troth.desk import here
from troth.desk.public import following, forms, later, room

CODES = 4
GUESSES = 15


@room.private("POST")
def send_code(request: HttpRequest, secret: str, case: int) -> HttpResponse:
    """Have a fresh code sent for the package."""
    stop = room.limited(request, "package-code", CODES, who=f"case:{case}")
    if stop is not None:
        return stop
    at = here.place()
    later.do(lambda: centre_package.send_code(case, at))
    messages.success(
        request, _("A code goes to your e-mail address now. It can take a minute, and holds for 15 minutes.")
    )
    return redirect(f"{reverse('public:status', kwargs={'secret': secret})}#package")


@room.private("GET", "POST")
def unlock(request: HttpRequest, secret: str, case: int) -> HttpResponse:
    """Take the code, and lead to the download."""
    if request.method != "POST":
        return redirect("public:status", secret=secret)
    stop = room.limited(request, "package", GUESSES, who=f"case:{case}")
    if stop is not None:
        return stop
    form = forms.Code(request.POST)
    once = (
        centre_package.open_with(case, str(form.cleaned_data["code"]), here.place())
        if form.is_valid()
        else ""
    )
    if once:
        return redirect("public:take", secret=secret, once=once)
    if not form.errors:
        form.add_error(
            "code", _("This code is not right, or it has run out. After five wrong ones you need a new one.")
        )
    return following.shown(request, secret, case, package=form)


@room.private("GET", "POST")
def take(request: HttpRequest, secret: str, case: int, once: str) -> HttpResponseBase:
    """Show what will be downloaded, and hand it over once."""
    at = here.place()
    if request.method != "POST":
        parcel = centre_package.behind(case, once, at)
        if parcel is None:
            return render(request, "desk/public/taken.html", {"secret": secret, "here": "follow"}, status=404)
        said = {
            "secret": secret,
            "once": once,
            "parcel": parcel,
            "measured": centre_package.measure(parcel),
            "minutes": int(centre_package.GOOD.total_seconds() // 60),
            "here": "follow",
        }
        return render(request, "desk/public/package.html", said)
    parcel = centre_package.take(case, once, at)
    if parcel is None:
        return render(request, "desk/public/taken.html", {"secret": secret, "here": "follow"}, status=404)
    return _sent(parcel)


def _sent(parcel: Parcel) -> StreamingHttpResponse:
    pieces: Iterator[bytes] = centre_package.stream(parcel)
    response = StreamingHttpResponse(pieces, content_type="application/zip")
    response["Content-Length"] = str(centre_package.measure(parcel).bytes)
    response["Content-Disposition"] = f'attachment; filename="my-data-case-{parcel.case}.zip"'
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
