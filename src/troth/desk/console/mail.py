"""Mail on the desk: messages that came in and wait for a person, and letters that wait, went or came back.

Views only. Lists name nobody; what a message says is shown for half an hour to whoever gave a reason.
"""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from troth.app import mailbox, post
from troth.app.mailbox import Read
from troth.desk import here
from troth.desk.accounts import seat
from troth.desk.accounts.seat import needs
from troth.desk.console import case_words
from troth.desk.console.mail_forms import Confirm, Dismissing, Joining, Reading
from troth.errors import Refused, TrothError
from troth.ledger.in_mails import MailRecord
from troth.letters import smtp
from troth.problems import BadInput

PAGE = 50
LONG_ENOUGH = timedelta(minutes=30)
OPENED = "mail-opened"
"""In the session: which messages somebody may see, and until when."""
STATES = {
    "waiting": ("soon", "waits"),
    "answer": ("soon", "an answer, waits"),
    "request": ("good", "a request"),
    "notice": ("", "a notice"),
    "dismissed": ("", "put aside"),
}
LETTERS = {
    "waiting": ("soon", "waits"),
    "sending": ("soon", "on its way"),
    "sent": ("good", "sent"),
    "printed": ("good", "printed"),
    "bounced": ("bad", "came back"),
    "failed": ("bad", "given up"),
    "cancelled": ("", "taken back"),
}


@require_GET
@needs("look")
def came(request: HttpRequest) -> HttpResponse:
    """List messages: those that wait, or all."""
    every = request.GET.get("tab") == "all"
    page = _page(request)
    found = mailbox.listed(here.place(), every=every, start=(page - 1) * PAGE, limit=PAGE + 1)
    told = {
        "rows": [_row(one, found.staff) for one in found.records[:PAGE]],
        "counts": found.counts,
        "total": sum(count for name, count in found.counts.items() if name != "open"),
        "every": every,
        "page": page,
        "more": len(found.records) > PAGE,
    }
    return render(request, "desk/console/mail.html", told)


@require_GET
@needs("look")
def one(request: HttpRequest, id: int) -> HttpResponse:
    """Show one message: what may be known of it, and what it says to whoever gave a reason."""
    record = mailbox.look(id, here.place())
    return _one(request, record)


@require_POST
@needs("read-people")
def read(request: HttpRequest, id: int) -> HttpResponse:
    """Take a reason, write down who reads, and show the message for a while."""
    form = Reading(request.POST)
    if not form.is_valid():
        return _one(request, mailbox.look(id, here.place()), reading=form, status=422)
    try:
        mailbox.read(id, form.cleaned_data["because"], here.place(), by=seat.sitting(request).name)
    except BadInput as error:
        mailbox.look(id, here.place())  # an unknown number is a page that says so
        form.add_error("because", _say(error))
        return _one(request, mailbox.look(id, here.place()), reading=form, status=422)
    until = here.place().clock.now() + LONG_ENOUGH
    request.session[OPENED] = {**_opened(request), str(id): until.timestamp()}
    return redirect("console:mail-one", id=id)


@require_POST
@needs("read-people")
def save(request: HttpRequest, id: int) -> HttpResponse:
    """Hand out a message as it came in; its attachments with it."""
    form = Reading(request.POST)
    if not form.is_valid():
        return _one(request, mailbox.look(id, here.place()), saving=form, status=422)
    by = seat.sitting(request).name
    content = mailbox.raw(id, form.cleaned_data["because"], here.place(), by=by)
    return _file(content, f"message-{id}.eml", "application/octet-stream")


@require_POST
@needs("lead-requests")
def confirm(request: HttpRequest, id: int) -> HttpResponse:
    """Open a case for each right somebody ticked."""
    form = Confirm(request.POST)
    record = mailbox.look(id, here.place())
    if not form.is_valid():
        return _one(request, record, confirming=form, status=422)
    try:
        opened, _ = mailbox.confirm(id, form.message, here.place(), by=seat.sitting(request).name)
    except (BadInput, Refused) as error:
        form.add_error(None, _say(error))
        return _one(request, mailbox.look(id, here.place()), confirming=form, status=_status(error))
    names = " and ".join(f"case {case.id} ({case.kind.says.lower()})" for case in opened.cases)
    letter = " The acknowledgement waits in the outbox." if opened.letter else ""
    messages.success(request, f"Opened: {names}.{letter}", extra_tags="good")
    for note in opened.notes:
        messages.info(request, case_words.shortly(note))
    return redirect("console:case", id=opened.cases[0].id)


@require_POST
@needs("lead-requests")
def join(request: HttpRequest, id: int) -> HttpResponse:
    """Put a message beside a request, as a note."""
    form = Joining(request.POST)
    record = mailbox.look(id, here.place())
    if not form.is_valid():
        return _one(request, record, joining=form, status=422)
    try:
        case = mailbox.join(id, here.place(), by=seat.sitting(request).name, case=form.cleaned_data["case"])
    except (BadInput, Refused) as error:
        form.add_error("case", _say(error))
        return _one(request, mailbox.look(id, here.place()), joining=form, status=_status(error))
    messages.success(request, f"Message {id} stands beside case {case.id} as a note.", extra_tags="good")
    return redirect("console:case", id=case.id)


@require_POST
@needs("lead-requests")
def dismiss(request: HttpRequest, id: int) -> HttpResponse:
    """Say that a message asks for nothing."""
    form = Dismissing(request.POST)
    record = mailbox.look(id, here.place())
    if not form.is_valid():
        return _one(request, record, dismissing=form, status=422)
    mailbox.dismiss(id, form.cleaned_data["why"], here.place(), by=seat.sitting(request).name)
    messages.success(request, f"Message {id} is put aside.", extra_tags="good")
    return redirect("console:mail")


@require_GET
@needs("look")
def out(request: HttpRequest) -> HttpResponse:
    """List letters: those somebody must see to, or all."""
    every = request.GET.get("tab") == "all"
    page, at = _page(request), here.place()
    start = (page - 1) * PAGE
    found = post.listed(at.folder, at.environment, at.clock, every=every, start=start, limit=PAGE + 1)
    rows = [
        {
            "letter": letter,
            "kind": case_words.letter(letter.kind),
            "colour": LETTERS[letter.state][0],
            "word": LETTERS[letter.state][1],
        }
        for letter in found[:PAGE]
    ]
    sends = bool(at.environment.get(smtp.VARIABLE))
    told = {"rows": rows, "every": every, "page": page, "more": len(found) > PAGE, "sends": sends}
    return render(request, "desk/console/mail_out.html", told)


@require_POST
@needs("lead-requests")
def cancel(request: HttpRequest, id: int) -> HttpResponse:
    """Take back a letter that waits."""
    at = here.place()
    post.cancel(id, at.folder, at.environment, at.clock, by=seat.sitting(request).name)
    messages.success(request, f"Letter {id} is taken back.", extra_tags="good")
    return redirect("console:mail-out")


@require_POST
@needs("lead-requests")
def print_(request: HttpRequest, id: int) -> HttpResponse:
    """Hand out a letter as PDF for the post, and mark it printed."""
    at = here.place()
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "letter.pdf"
        post.print_pdf(id, made, at.folder, at.environment, at.clock, by=seat.sitting(request).name)
        return _file(made.read_bytes(), f"letter-{id}.pdf", "application/pdf")


def _one(request: HttpRequest, record: MailRecord, *, status: int = 200, **sent: Form) -> HttpResponse:
    """Show one message; a form that was sent and could not be used stands in the place of the empty one."""
    found = _content(request, record)
    told = {
        "record": record,
        "row": _row(record, {}),
        "found": found,
        "reading": Reading(auto_id="id_read_%s", label_suffix=""),
        "saving": Reading(auto_id="id_save_%s", label_suffix=""),
        "confirming": Confirm(found=found) if found else None,
        "joining": Joining(initial={"case": record.case}, auto_id="id_join_%s", label_suffix=""),
        "dismissing": Dismissing(auto_id="id_dismiss_%s", label_suffix=""),
        **sent,
        "can": record.is_open or (record.state == "dismissed" and not record.forgotten),
    }
    return render(request, "desk/console/mail_one.html", told, status=status)


def _content(request: HttpRequest, record: MailRecord) -> Read | None:
    """Return what a message says, while whoever looks may see it."""
    sitter = seat.sitting(request)
    until = _opened(request).get(str(record.id), 0)
    if record.forgotten or not sitter.may("read-people") or until < here.place().clock.now().timestamp():
        return None
    return mailbox.again(record.id, here.place())


def _opened(request: HttpRequest) -> dict[str, float]:
    kept: dict[str, float] = request.session.get(OPENED, {})
    now = here.place().clock.now().timestamp()
    return {id: until for id, until in kept.items() if until > now}


def _row(record: MailRecord, staff: dict[int, str]) -> dict[str, object]:
    colour, word = STATES[record.state]
    if record.why == "joined":
        colour, word = "good", "beside a request"
    return {
        "record": record,
        "colour": colour,
        "word": word,
        "why": mailbox.WHY.get(record.why, "") if record.why != "request" else "",
        "by": staff.get(record.seen_by or 0, ""),
    }


def _page(request: HttpRequest) -> int:
    page = request.GET.get("page", "1")
    return max(int(page), 1) if page.isascii() and page.isdecimal() and len(page) <= 6 else 1


def _file(content: bytes, name: str, kind: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer


def _status(error: TrothError) -> int:
    return 409 if isinstance(error, Refused) else 422


def _say(error: TrothError) -> str:
    if isinstance(error, BadInput):
        return " ".join(f"{one.message} {case_words.plainly(one.hint)}".strip() for one in error.problems)
    return f"{error.message} {case_words.plainly(error.hint)}".strip()


urlpatterns = [
    path("mail/", came, name="mail"),
    path("mail/out/", out, name="mail-out"),
    path("mail/out/<int:id>/cancel/", cancel, name="mail-cancel"),
    path("mail/out/<int:id>/print/", print_, name="mail-print"),
    path("mail/<int:id>/", one, name="mail-one"),
    path("mail/<int:id>/read/", read, name="mail-read"),
    path("mail/<int:id>/save/", save, name="mail-save"),
    path("mail/<int:id>/confirm/", confirm, name="mail-confirm"),
    path("mail/<int:id>/join/", join, name="mail-join"),
    path("mail/<int:id>/dismiss/", dismiss, name="mail-dismiss"),
]
