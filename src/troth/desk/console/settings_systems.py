"""Other systems on the desk, one room: keys that open the interface, and webhooks that are told of events.

It has two addresses, of keys and of webhooks, which show the same page. A token or secret is shown on the page that
answers its making, and never again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import partial

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from troth.app.systems import keys as api_keys
from troth.app.systems import webhooks
from troth.app.systems.events import EVENTS
from troth.app.systems.keys import SCOPES, Given
from troth.desk import faults, here
from troth.desk.accounts import seat
from troth.desk.accounts.seat import needs
from troth.errors import Refused, StoreError, TrothError


class Key(forms.Form):
    """A key to be given."""

    name = forms.CharField(label="Name of the system", max_length=60, help_text="Such as shop or crm-2.")
    scopes = forms.MultipleChoiceField(
        label="It may",
        choices=[(name, f"{says} ({name})") for name, says in SCOPES.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    expires = forms.DateField(
        label="Ends on",
        required=False,
        help_text="Leave it empty for a key without an end.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, sent: QueryDict | None = None) -> None:
        """Take what was sent; ids differ from those of the other form on the page."""
        super().__init__(sent, auto_id="key_%s")

    @property
    def end(self) -> datetime | None:
        """Return the end of its last day."""
        day = self.cleaned_data["expires"]
        return datetime.combine(day, time.max, tzinfo=UTC) if day else None


class Hook(forms.Form):
    """A webhook to be entered."""

    name = forms.CharField(label="Name of the system", max_length=60)
    url = forms.CharField(label="Address", max_length=500, help_text="https, reachable from here.")
    events = forms.MultipleChoiceField(
        label="It is told when",
        required=False,
        choices=[(name, f"{says} ({name})") for name, says in EVENTS.items()],
        widget=forms.CheckboxSelectMultiple,
        help_text="None chosen: of everything.",
    )
    private = forms.BooleanField(label="It stands in a private network, or on this machine", required=False)

    def __init__(self, sent: QueryDict | None = None) -> None:
        """Take what was sent; ids differ from those of the other form on the page."""
        super().__init__(sent, auto_id="hook_%s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What is shown this once."""

    secret: str
    of: str
    """The system it is for."""
    opens: bool
    """It opens the interface; else a system knows our messages by it."""


@require_GET
@needs("look")
def show(request: HttpRequest) -> HttpResponse:
    """Show which systems have keys, and which are told of events."""
    return _room(request)


@require_POST
@needs("run")
def add_key(request: HttpRequest) -> HttpResponse:
    """Give another system a key; its token is shown this once."""
    form = Key(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            made = api_keys.add(
                given["name"],
                given["scopes"],
                here.place(),
                by=seat.sitting(request).name,
                expires=form.end,
            )
        except TrothError as error:
            faults.on_form(form, error)
        else:
            return _room(request, shown=_token(made))
    return _room(request, key=form, status=422)


@require_POST
@needs("run")
def rotate_key(request: HttpRequest, name: str) -> HttpResponse:
    """Give a key a new token; the one before stays good for a day."""
    made = api_keys.rotate(name, here.place(), by=seat.sitting(request).name)
    return _room(request, shown=_token(made))


@require_POST
@needs("run")
def end_key(request: HttpRequest, name: str) -> HttpResponse:
    """Let a key open nothing any more."""
    move = partial(api_keys.revoke, name, here.place(), by=seat.sitting(request).name)
    return _moved(request, move, "The key opens nothing any more.", "console:settings-keys")


@require_POST
@needs("run")
def add_hook(request: HttpRequest) -> HttpResponse:
    """Tell another system of events from now on; the secret it checks them by is shown this once."""
    form = Hook(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            made = webhooks.add(
                given["name"],
                given["url"],
                given["events"],
                here.place(),
                by=seat.sitting(request).name,
                private=given["private"],
            )
        except TrothError as error:
            faults.on_form(form, error)
        else:
            return _room(request, shown=Shown(secret=made.secret, of=made.webhook.name, opens=False))
    return _room(request, hook=form, status=422)


@require_POST
@needs("run")
def test_hook(request: HttpRequest, name: str) -> HttpResponse:
    """Send a test event now and say what the system answered."""
    try:
        answer = webhooks.test(name, here.place())
    except StoreError as error:
        messages.error(request, f"{error.message} {error.hint}".strip(), extra_tags="bad")
    else:
        messages.info(request, f"{name}: {answer.says}", extra_tags="good" if answer.taken else "bad")
    return redirect("console:settings-webhooks")


@require_POST
@needs("run")
def end_hook(request: HttpRequest, name: str) -> HttpResponse:
    """Tell a system nothing any more."""
    move = partial(webhooks.remove, name, here.place(), by=seat.sitting(request).name)
    return _moved(request, move, "It is told nothing any more.", "console:settings-webhooks")


def _moved(request: HttpRequest, move: Callable[[], object], done: str, back: str) -> HttpResponse:
    try:
        move()
    except Refused as refused:
        messages.error(request, f"{refused.message} {refused.hint}".strip(), extra_tags="bad")
    else:
        messages.success(request, done, extra_tags="good")
    return redirect(back)


def _token(made: Given) -> Shown:
    return Shown(secret=made.token, of=made.key.name, opens=True)


def _room(
    request: HttpRequest,
    *,
    key: Key | None = None,
    hook: Hook | None = None,
    shown: Shown | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show the room, with forms as they were sent, and what is shown this once."""
    at = here.place()
    now = at.clock.now()
    listed = [
        {"is": one, "good": one.good(now), "overlap": one.older_until and one.older_until > now}
        for one in api_keys.listed(at)
    ]
    said = {
        "key": key or Key(),
        "hook": hook or Hook(),
        "keys": listed,
        "hooks": webhooks.listed(at),
        "shown": shown,
        "tab": "systems",
    }
    response = render(request, "desk/console/settings_systems.html", said, status=status)
    response["Cache-Control"] = "no-store"
    return response


urlpatterns = [
    path("settings/keys/", show, name="settings-keys"),
    path("settings/keys/add/", add_key, name="settings-keys-add"),
    path("settings/keys/<str:name>/rotate/", rotate_key, name="settings-keys-rotate"),
    path("settings/keys/<str:name>/end/", end_key, name="settings-keys-end"),
    path("settings/webhooks/", show, name="settings-webhooks"),
    path("settings/webhooks/add/", add_hook, name="settings-webhooks-add"),
    path("settings/webhooks/<str:name>/test/", test_hook, name="settings-webhooks-test"),
    path("settings/webhooks/<str:name>/end/", end_hook, name="settings-webhooks-end"),
]
