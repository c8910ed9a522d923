"""Every error a view may end with, as a page (or as JSON, for other systems): what is wrong, and what to do.

One place for all rooms. A page never repeats an exception's own text but Troth's, which carry no personal value; what
stands in the project's files is shown to staff alone. What nobody foresaw is a page without detail, and a log entry.
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.db import DataError
from django.db import Error as DatabaseError
from django.forms import Form
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.utils.translation import gettext as _

from troth.errors import Damaged, Refused, StoreError, TrothError
from troth.problems import BadInput, Problem

UNKNOWN = "unknown-name"
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
LATER = 30
"""Seconds after which somebody may try again what is away now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What a page about an error says."""

    status: int
    title: str
    message: str = ""
    hint: str = ""
    """For staff alone."""
    problems: tuple[Problem, ...] = ()
    wait: int = 0
    """Seconds after which to try again; 0 where that is not said."""


class Faults:
    """Middleware: turn errors of views into pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let the request through; give a page to answers that have none."""
        response = self.get_response(request)
        if response.status_code == 405 and not response.content and not request.path.startswith("/api/"):
            return wrong_method(request, response.headers.get("Allow", ""))
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer for what is foreseen; the rest goes on to Django's handler."""
        found = of(error)
        return None if found is None else page(request, found)


def of(error: BaseException) -> Fault | None:
    """Say what a page tells of an error; None for one that nobody foresaw."""
    match error:
        case BadInput():
            return _input(error)
        case Refused():
            return Fault(status=409, title=_("This was not done"), message=error.message, hint=error.hint)
        case StoreError():
            return away(error.hint)
        case Damaged():
            return _damaged(error)
        case TrothError():
            return Fault(status=400, title=_("This cannot be done"), message=error.message, hint=error.hint)
        case (
            DataError()
            | UnicodeError()
            | MultiPartParserError()
            | TooManyFieldsSent()
            | UnreadablePostError()
        ):
            return Fault(status=400, title=_("This could not be read"), message=_unreadable())
        case RequestDataTooBig():
            return too_large()
        case DatabaseError():
            return away("")
        case OSError() if error.errno in NO_ROOM:
            return away(_("The disk is full. Nothing was left half-done."))
        case OSError() if isinstance(error, ConnectionError | TimeoutError) or _is_foreign(error):
            return away("")
        case _:
            return None


def _damaged(error: Damaged) -> Fault:
    said = _(
        "Something that only this system writes is not as it was written. Nothing is shown until that is mended."
    )
    return Fault(
        status=500, title=_("Something is damaged"), message=said, hint=f"{error.message} {error.hint}"
    )


def _is_foreign(error: OSError) -> bool:
    """Tell whether another server did not answer: a company's sign-in, asked through requests."""
    return type(error).__module__.startswith("requests.")


def away(hint: str) -> Fault:
    """Return the fault of a store or ledger that cannot be used at present."""
    title = _("Not available at the moment")
    said = _(
        "What is needed for this page cannot be reached now. Nothing was lost; please try again in a moment."
    )
    return Fault(status=503, title=title, message=said, hint=hint, wait=LATER)


def page(request: HttpRequest, fault: Fault) -> HttpResponse:
    """Show a fault: as JSON below /api/, as a page elsewhere."""
    if request.path.startswith("/api/"):
        response: HttpResponse = JsonResponse(_json(fault), status=fault.status)
    else:
        staff = _is_staff(request)
        said = {"fault": fault, "details": staff, "base": _frame(request, fault, staff=staff)}
        response = render(request, "desk/fault.html", said, status=fault.status)
    if fault.wait:
        response["Retry-After"] = str(fault.wait)
    response["Cache-Control"] = "no-store"
    return response


def _frame(request: HttpRequest, fault: Fault, *, staff: bool) -> str:
    """Choose what stands around: a fault of ours may keep even that from being made for the public."""
    if staff:
        return "desk/console/base.html"
    public = fault.status < 500 and not request.path.startswith(("/desk/", "/account/"))
    return "desk/public/base.html" if public else "desk/page.html"


def on_form(form: Form, error: TrothError) -> None:
    """Put what is wrong on a form: beside the field a problem is about, or above all fields.

    A problem is about a field when its `about` is the field's name.
    """
    if not isinstance(error, BadInput):
        form.add_error(None, _sentence(error.message, error.hint))
        return
    for problem in error.problems:
        field = problem.about if problem.about in form.fields else None
        form.add_error(field, _told(problem))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer what cannot be read: broken encodings, too many fields, an unknown host."""
    found = of(exception) if exception is not None else None
    return page(request, found or Fault(status=400, title=_("This could not be read"), message=_unreadable()))


def forbidden(request: HttpRequest, exception: Exception | None = None, reason: str = "") -> HttpResponse:
    """Answer what may not be done, and forms that came without their token."""
    del exception
    if reason:
        said = _(
            "The form was open for too long, or your browser keeps no cookies. "
            "Go back, load the page again and send it once more."
        )
        return page(request, Fault(status=403, title=_("Please send the form again"), message=said))
    return page(request, Fault(status=403, title=_("You may not do this")))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer for addresses that lead nowhere."""
    del exception
    said = _("There is nothing at this address. It may have been mistyped, or what was here has ended.")
    return page(request, Fault(status=404, title=_("Nothing here"), message=said))


def too_many_tries(request: HttpRequest) -> HttpResponse:
    """Answer whoever tries to sign in too often."""
    return page(request, too_many(LATER))


def unforeseen(request: HttpRequest) -> HttpResponse:
    """Answer for errors outside views, and for those nobody foresaw."""
    error = sys.exc_info()[1]
    found = of(error) if error is not None else None
    said = _("This is our fault. It was written down; nothing you sent was shown to anybody.")
    return page(request, found or Fault(status=500, title=_("Something went wrong"), message=said))


def too_large() -> Fault:
    """Return the fault of a form or file that is larger than may be sent."""
    said = _("What was sent is larger than may be sent. Send less text, or a smaller file.")
    return Fault(status=413, title=_("Too large"), message=said)


def too_many(seconds: int) -> Fault:
    """Return the fault of somebody who asks too often."""
    said = _("Too many tries from here. Please wait a little, then try again.")
    return Fault(status=429, title=_("Please wait"), message=said, wait=seconds)


def wrong_method(request: HttpRequest, allowed: str) -> HttpResponse:
    """Answer for an address that is used in a way it does not take."""
    said = _("This address cannot be used like that. Go back, and use the buttons and links of the page.")
    response = page(request, Fault(status=405, title=_("Not possible this way"), message=said))
    response["Allow"] = allowed
    return response


def _unreadable() -> str:
    return _(
        "What was sent is not text in UTF-8, holds characters that cannot be kept, or has too many parts."
    )


def _input(error: BadInput) -> Fault:
    problems = error.problems
    if any(problem.span for problem in problems):
        said = _("The project's files have faults. Whoever runs this must mend them first.")
        return Fault(status=503, title=_("Not available at the moment"), message=said, problems=problems)
    if problems and all(problem.code == UNKNOWN for problem in problems):
        return Fault(status=404, title=_("Nothing here"), problems=problems)
    return Fault(status=400, title=_("This cannot be used"), problems=problems)


def _is_staff(request: HttpRequest) -> bool:
    from troth.desk.accounts import seat

    try:
        return seat.of(request) is not None
    except (TrothError, DatabaseError):
        return False


def _told(problem: Problem) -> str:
    valid = f" Valid: {', '.join(problem.valid)}." if problem.valid else ""
    return _sentence(problem.message, problem.hint) + valid


def _sentence(message: str, hint: str) -> str:
    return f"{message} {hint}".strip()


def _json(fault: Fault) -> dict[str, object]:
    """Write a fault for another system; what is wrong with the machine is none of its business."""
    ours = fault.status >= 500
    problems = [
        {"code": one.code, "message": one.message, "hint": one.hint} for one in fault.problems if not ours
    ]
    hint = "" if ours else fault.hint
    return {"error": fault.title, "message": fault.message, "hint": hint, "problems": problems}
