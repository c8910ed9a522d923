"""Staff on the desk: who has an account in which role; invited, given another role, let in anew, removed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from troth.desk import faults, roles
from troth.desk.accounts import seat, staffing
from troth.desk.accounts.seat import needs
from troth.errors import Refused, TrothError

ROLES = [(role, roles.title(role).capitalize()) for role in roles.ROLES]


class Invite(forms.Form):
    """Somebody to be invited."""

    name = forms.CharField(
        label="Full name", max_length=200, help_text="As evidence and letters will name them."
    )
    email = forms.EmailField(label="E-mail address", help_text="They sign in with it.")
    role = forms.ChoiceField(label="Role", choices=ROLES)


@require_GET
@needs("accounts")
def listing(request: HttpRequest) -> HttpResponse:
    """Show who has an account."""
    return _page(request, Invite())


@require_POST
@needs("accounts")
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody; the link is shown this once."""
    form = Invite(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            made = staffing.add(given["name"], given["email"], given["role"], by=seat.sitting(request).name)
        except TrothError as error:
            faults.on_form(form, error)
        else:
            return _page(request, Invite(), name=given["name"], path=made.path)
    return _page(request, form, status=422)


@require_POST
@needs("accounts")
def change(request: HttpRequest, staff: int) -> HttpResponse:
    """Give somebody else another role."""
    role = request.POST.get("role", "")
    sitting = seat.sitting(request)
    return _moved(
        request,
        lambda: staffing.change_role(f"staff:{staff}", role, by=sitting.name, seated=sitting.staff),
        f"Their role is {roles.title(role)} now.",
    )


@require_POST
@needs("accounts")
def again(request: HttpRequest, staff: int) -> HttpResponse:
    """Make a fresh link for somebody who forgot their password or lost the first link."""
    made = staffing.invite(f"staff:{staff}", by=seat.sitting(request).name)
    name = next((one.name for one in staffing.listed() if one.staff == staff), "")
    return _page(request, Invite(), name=name, path=made.path)


@require_POST
@needs("accounts")
def factors(request: HttpRequest, staff: int) -> HttpResponse:
    """Forget the second factors of somebody who lost theirs."""
    by = seat.sitting(request).name
    done = "Their second factors are forgotten; they set up a new one when they sign in."
    return _moved(request, lambda: staffing.forget_factors(f"staff:{staff}", by=by), done)


@require_POST
@needs("accounts")
def remove(request: HttpRequest, staff: int) -> HttpResponse:
    """Remove an account and end its sessions."""
    by = seat.sitting(request).name
    done = "The account is gone. What they did stays under their name."
    return _moved(request, lambda: staffing.remove(f"staff:{staff}", by=by), done)


def _moved(request: HttpRequest, move: Callable[[], object], done: str) -> HttpResponse:
    try:
        move()
    except Refused as refused:
        messages.error(request, f"{refused.message} {refused.hint}".strip(), extra_tags="bad")
        return _page(request, Invite(), status=409)
    messages.success(request, done, extra_tags="good")
    return redirect("console:settings-staff")


def _page(
    request: HttpRequest, form: Invite, *, status: int = 200, name: str = "", path: str = ""
) -> HttpResponse:
    said: dict[str, Any] = {
        "form": form,
        "members": [{"is": one, "title": roles.title(one.role)} for one in staffing.listed()],
        "me": seat.sitting(request).staff,
        "roles": ROLES,
        "tab": "staff",
    }
    if path:
        said |= {"invited": name, "link": request.build_absolute_uri(path)}
    response = render(request, "desk/console/settings_staff.html", said, status=status)
    response["Cache-Control"] = "no-store"
    return response


urlpatterns = [
    path("settings/staff/", listing, name="settings-staff"),
    path("settings/staff/invite/", invite, name="settings-staff-invite"),
    path("settings/staff/<int:staff>/role/", change, name="settings-staff-role"),
    path("settings/staff/<int:staff>/again/", again, name="settings-staff-again"),
    path("settings/staff/<int:staff>/factors/", factors, name="settings-staff-factors"),
    path("settings/staff/<int:staff>/remove/", remove, name="settings-staff-remove"),
]
