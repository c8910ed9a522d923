"""The forms of the screen for mail: why somebody reads, what a message asks for, why it asks for nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import Any

from django import forms

from troth.app import mailbox
from troth.app.mailbox import Read
from troth.app.requests.opening import WHOM, Message
from troth.cases import kinds
from troth.desk.console.case_forms import SHORT, area, line, pick, radios, several, tick, where
from troth.desk.console.request_forms import IDENTITIES, WORDS
from troth.people.typed import Line

DISMISSALS = {
    "no-request": "It asks for nothing",
    "spam": "Spam",
    "twice": "Written twice",
    "done": "Seen to",
}


class Reading(forms.Form):
    """Why somebody looks at what a person wrote."""

    because = line("Why do you read it?", "Kept as a hash, with your name.")


class Dismissing(forms.Form):
    """Why a message is no request."""

    why = pick("Why", [(one, DISMISSALS[one]) for one in mailbox.DISMISSALS])


class Joining(forms.Form):
    """To which request a message belongs."""

    case = forms.IntegerField(label="Number of the request", min_value=1, max_value=999_999_999)


class Confirm(forms.Form):
    """A message as a request; everything but the rights is filled in from it."""

    kinds = several("What it asks for")
    received = forms.DateTimeField(
        label="When it reached us",
        help_text="UTC, as the last mail server on its way wrote it.",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M:%S"),
    )
    identities = area(
        "Who it is about",
        IDENTITIES,
        rows=2,
    )
    name = line("Name", required=False)
    reply_to = area(
        "Where answers go",
        "A mail address, or a postal address line by line.",
        required=False,
        rows=2,
        most=SHORT,
    )
    residence = where(
        "Where the person lives",
        "Type its name and pick it, or its code: IE, GB-SCT, US-CA. Empty: every law counts, and the earliest day.",
        required=False,
    )
    whom = radios("Who asks", ((one, WORDS[one]) for one in WHOM))
    agent = area("Name and address of the agent or parent", required=False, rows=2, most=SHORT)
    child = tick("The person is a child")

    def __init__(self, data: Any = None, *, found: Read | None = None) -> None:
        super().__init__(data, initial=_initial(found) if found else None, auto_id="id_%s", label_suffix="")
        self.fields["kinds"].choices = [(one.name, one.says) for one in kinds.ALL.values()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Want at least one right, and whoever asks for somebody else."""
        if not self.cleaned_data.get("kinds") and "kinds" not in self.errors:
            self.add_error("kinds", "Read what was written, and tick each right it asks for.")
        if self.cleaned_data.get("whom", "self") != "self" and not self.cleaned_data.get("agent", "").strip():
            self.add_error("agent", "Say who asks: name and address.")
        return self.cleaned_data

    def message(self, found: Read) -> Message:
        """Return the request: what was typed, with the text of the message."""
        data = self.cleaned_data
        lines = [one.strip() for one in data["identities"].splitlines() if one.strip()]
        received = data["received"]
        return replace(
            found.suggested(),
            kinds=tuple(data["kinds"]),
            received=received if received.tzinfo else received.replace(tzinfo=UTC),
            channel="agent" if data["whom"] == "agent" else "mail",
            lines=[Line(source="<form>", line=n, text=text) for n, text in enumerate(lines, 1)],
            name=data["name"],
            reply_to=data["reply_to"].replace("\r\n", "\n"),
            residence=data["residence"] or "unknown",
            whom=data["whom"],
            agent=data["agent"].replace("\r\n", "\n"),
            child=data["child"],
        )


def _initial(found: Read) -> dict[str, Any]:
    asked = found.suggested()
    return {
        "kinds": list(asked.kinds),
        "received": asked.received.astimezone(UTC).replace(tzinfo=None),
        "identities": "\n".join(one.text for one in asked.lines),
        "name": asked.name,
        "reply_to": asked.reply_to,
        "whom": "self",
    }
