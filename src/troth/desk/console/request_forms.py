"""The forms beside the queue: opening a request from whatever came, and looking for other requests of a person."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django import forms

from troth.app.requests import intake
from troth.app.requests.opening import WHOM, Message
from troth.cases import kinds
from troth.cases.case import CHANNELS
from troth.desk.console.case_forms import SHORT, area, line, pick, radios, several, tick, where
from troth.people.typed import Line
from troth.problems import BadInput, Problem

WORDS = {"self": "The person", "agent": "An agent for the person", "parent": "A parent for a child"}
CAME = {
    "phone": "Telephone",
    "letter": "Letter",
    "counter": "At the counter",
    "mail": "Mail",
    "agent": "Through an agent",
    "form": "Form of a web page",
    "api": "Another system",
}
ROLES = (
    ("", "As the policy says"),
    ("controller", "We decide about the data"),
    ("processor", "We hold it for a customer"),
    ("unknown", "Nobody knows yet"),
)


IDENTITIES = "One a line, each with what it is: email:ada@example.org, phone:+49 30 1234567, customer/12."


class Search(forms.Form):
    """Whose requests are looked for."""

    identity = line("Find the requests of a person", "An e-mail address, phone:… or customer/12.", most=320)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="search_%s", label_suffix="")


class New(forms.Form):
    """A request as somebody read or heard it."""

    mail = forms.FileField(
        label="The mail that asks", required=False, max_length=200, help_text="Saved with its headers (.eml)."
    )
    kinds = several("What is asked for")
    channel = pick("How it came", ((one, CAME[one]) for one in sorted(CHANNELS, key=list(CAME).index)))
    received = forms.DateTimeField(
        label="When it reached us",
        required=False,
        help_text="Empty is now. The day counts where it was.",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    zone = line("Zone of that time", "As Europe/Dublin or +01:00.", required=False, most=60)
    identities = area(
        "Who it is about",
        IDENTITIES,
        required=False,
    )
    name = line("Name", required=False)
    reply_to = area(
        "Where answers go", "A mail address, or a postal address line by line.", required=False, most=SHORT
    )
    text = area("What was written or said", required=False, rows=6)
    residence = where(
        "Where the person lives",
        "Type its name and pick it, or its code: IE, GB-SCT, US-CA. Empty: every law counts, and the earliest day.",
        required=False,
    )
    place = where("Where we act", "Whose days off count; by default where the person lives.", required=False)
    whom = radios("Who asks", ((one, WORDS[one]) for one in WHOM))
    agent = area("Name and address of the agent or parent", required=False, rows=2, most=SHORT)
    child = tick("The person is a child")
    role = pick("Whose data it is", ROLES, required=False)

    def __init__(
        self, data: Any = None, files: Any = None, *, zone: str, initial: dict[str, Any] | None = None
    ) -> None:
        given = {"zone": zone, "whom": "self", "channel": "phone"} | (initial or {})
        super().__init__(data, files, initial=given, auto_id="id_%s", label_suffix="")
        self.fields["kinds"].choices = [(one.name, one.says) for one in kinds.ALL.values()]  # type: ignore[attr-defined]

    def clean_zone(self) -> Any:
        """Return the zone, or the offset."""
        return zone_of(self.cleaned_data["zone"].strip() or "UTC")

    def clean(self) -> dict[str, Any]:
        """Want at least one right, and whoever asks for somebody else."""
        if not self.cleaned_data.get("kinds") and "kinds" not in self.errors:
            self.add_error("kinds", "Read what was written, and tick each right it asks for.")
        if self.cleaned_data.get("whom", "self") != "self" and not self.cleaned_data.get("agent", "").strip():
            self.add_error("agent", "Say who asks: name and address.")
        return self.cleaned_data

    def message(self, now: datetime) -> tuple[Message, tuple[str, ...]]:
        """Return what is asked for, and what to know of the mail it came in.

        Raises:
            BadInput: when the mail cannot be read.
        """
        data = self.cleaned_data
        mail = self._mail()
        lines = [one.strip() for one in data["identities"].splitlines() if one.strip()]
        if mail and not lines and data["whom"] == "self":
            lines = [f"email:{mail.address}"]
        received = data["received"]
        if received is not None:
            received = received.replace(tzinfo=data["zone"])
        own = mail.name if mail and data["whom"] == "self" else ""
        made = Message(
            kinds=tuple(data["kinds"]),
            received=received or (mail.received if mail else None) or now,
            channel="mail" if mail else data["channel"],
            lines=[Line(source="<form>", line=n, text=text) for n, text in enumerate(lines, 1)],
            name=data["name"] or own,
            reply_to=(data["reply_to"] or (mail.address if mail else "")).replace("\r\n", "\n"),
            text=(data["text"] or (mail.text if mail else "")).replace("\r\n", "\n"),
            residence=data["residence"] or "unknown",
            place=data["place"],
            role=data["role"],
            whom=data["whom"],
            agent=data["agent"].replace("\r\n", "\n"),
            child=data["child"],
        )
        return made, mail.notes if mail else ()

    def _mail(self) -> intake.Mail | None:
        sent = self.cleaned_data["mail"]
        if not sent:
            return None
        if sent.size > intake.LARGEST:
            hint = "Save it without attachments."
            raise BadInput([Problem(code="bad-value", message="The mail is too large.", hint=hint)])
        return intake.mail(sent.read())


def zone_of(text: str) -> Any:
    """Return a zone by its name, or by its offset.

    Raises:
        ValidationError: when it is neither.
    """
    try:
        if text[:1] in "+-" or text.upper() == "Z":
            found = datetime.fromisoformat(f"2026-01-01T00:00{text.upper()}").tzinfo
            if found is not None:
                return found
        return ZoneInfo(text)
    except (ValueError, ZoneInfoNotFoundError, OSError):
        raise forms.ValidationError("No zone has this name. Write it as Europe/Dublin or +01:00.") from None
