"""The forms of the privacy centre: only the fields a right needs, with limits, against scripts without a puzzle."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from troth.desk.public import tickets, words
from troth.desk.public.words import Right

LONGEST_TEXT = 5_000
LONGEST_NAME = 200
LONGEST_PHONE = 40
LONGEST_NUMBER = 80
LARGEST_FILE = 2_000_000
"""Bytes of what an agent shows."""
DOCUMENTS = {b"%PDF-": "pdf", b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg"}
"""How files begin that somebody of ours can look at."""
PLAIN = RegexValidator(r"[\r\n]", gettext_lazy("Write it on one line."), inverse_match=True)


class Plain(forms.Form):
    """A form whose labels end without a colon."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **named})

    @property
    def seen(self) -> list[forms.BoundField]:
        """The fields people see."""
        return [bound for bound in self if not bound.is_hidden and bound.name != "website"]


class Guarded(Plain):
    """A form that says when it was made and has a field people do not see."""

    ticket = forms.CharField(widget=forms.HiddenInput, required=False, max_length=tickets.LONGEST)
    website = forms.CharField(required=False, max_length=200)

    def clean_website(self) -> str:
        """Refuse a form in which the hidden field is filled."""
        if self.cleaned_data["website"]:
            raise forms.ValidationError(_("Leave this field empty."))
        return ""

    def clean_ticket(self) -> str:
        """Refuse a form that comes back at once, or after too long."""
        mark = str(self.cleaned_data["ticket"])
        if not tickets.own(mark):
            raise forms.ValidationError(
                _("This form was open for too long. Please look it over and send it again."), code="old"
            )
        if tickets.too_soon(mark):
            raise forms.ValidationError(_("That was very quick. Please send it once more."), code="quick")
        return tickets.own(mark)

    @property
    def unseen_faults(self) -> list[str]:
        """What is wrong with fields that nobody sees."""
        return [*self.errors.get("ticket", ()), *self.errors.get("website", ())]


class Ask(Guarded):
    """A request for a right."""

    name = forms.CharField(
        label=gettext_lazy("Your name (optional)"),
        help_text=gettext_lazy("So that our letters can greet you."),
        required=False,
        max_length=LONGEST_NAME,
        validators=[PLAIN],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address"),
        help_text=gettext_lazy("The one we know you by, if you have several. Our answer goes there."),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = forms.CharField(
        label=gettext_lazy("Your telephone number (optional)"),
        help_text=gettext_lazy("Only if we may know you by it. With the country code, as +49 30 1234567."),
        required=False,
        max_length=LONGEST_PHONE,
        validators=[PLAIN],
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    number = forms.CharField(
        label=gettext_lazy("Your customer or account number (optional)"),
        help_text=gettext_lazy("Only if you have one at hand."),
        required=False,
        max_length=LONGEST_NUMBER,
        validators=[PLAIN],
    )
    text = forms.CharField(max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 6}))
    agent = forms.CharField(
        label=gettext_lazy("Your own name"),
        max_length=LONGEST_NAME,
        validators=[PLAIN],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    reply_to = forms.EmailField(
        label=gettext_lazy("Your own e-mail address"),
        help_text=gettext_lazy("Our answer goes there."),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    field_order = ("agent", "reply_to", "name", "email", "phone", "number", "text")

    def __init__(
        self,
        *args: Any,
        right: Right,
        whom: str = "self",
        by_phone: bool = True,
        by_number: bool = True,
        **named: Any,
    ) -> None:
        self.right = right
        super().__init__(*args, **named)
        for field, wanted in (("phone", by_phone), ("number", by_number), ("text", bool(right.about))):
            if not wanted:
                del self.fields[field]
        if right.about:
            about = self.fields["text"]
            about.label, about.help_text, about.required = right.about, right.hint, right.needed
        if whom == "self":
            del self.fields["agent"], self.fields["reply_to"]
        else:
            self._for_somebody(whom)
        if right.needed and right is words.RIGHTS["complain"]:
            self.fields["email"].help_text = _("Our answer goes there.")

    def _for_somebody(self, whom: str) -> None:
        child = whom == "parent"
        self.fields["name"].label = _("Name of your child") if child else _("Name of the person you ask for")
        self.fields["name"].help_text = ""
        self.fields["name"].required = True
        self.fields["email"].label = (
            _("E-mail address we know your child by") if child else _("E-mail address we know that person by")
        )
        self.fields["email"].help_text = _("If there is none, give your own.") if child else ""
        for field in ("name", "email"):
            self.fields[field].widget.attrs.pop("autocomplete", None)
        self.fields.pop("phone", None)
        if "number" in self.fields:
            self.fields["number"].label = _("Customer or account number (optional)")


class Follow(Guarded):
    """Ask for a new private link."""

    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address"),
        help_text=gettext_lazy("The one you gave with your request."),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class Code(Plain):
    """A one-time code."""

    code = forms.CharField(
        label=gettext_lazy("The code from our letter"),
        help_text=gettext_lazy("Eight digits; spaces do not matter."),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class Declare(Plain):
    """A declaration somebody signs with their name."""

    sure = forms.BooleanField(
        label=gettext_lazy(
            "I declare under penalty of perjury that I am the person whose data this request is about."
        )
    )
    signed = forms.CharField(
        label=gettext_lazy("Signed with your full name"), max_length=LONGEST_NAME, validators=[PLAIN]
    )


class Authority(Plain):
    """What shows that somebody may ask for another person."""

    document = forms.FileField(
        label=gettext_lazy("Signed permission, or power of attorney"),
        help_text=gettext_lazy("One file: PDF, PNG or JPEG, at most 2 MB. It is kept encrypted."),
        widget=forms.FileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg"}),
    )

    def clean_document(self) -> bytes:
        """Take a file that is what it says, and not too large."""
        given = self.cleaned_data["document"]
        if given.size > LARGEST_FILE:
            raise forms.ValidationError(_("This file is larger than 2 MB."))
        data: bytes = given.read()
        if not any(data.startswith(head) for head in DOCUMENTS):
            raise forms.ValidationError(_("This is no PDF, PNG or JPEG file."))
        return data


class Facts(Plain):
    """Facts we asked for, by the names they have in the letter."""

    def __init__(self, *args: Any, names: tuple[str, ...], **named: Any) -> None:
        self.names = names
        super().__init__(*args, **named)
        for at, name in enumerate(self.names):
            label = words.FACTS.get(name, name)
            self.fields[f"fact{at}"] = forms.CharField(label=label, required=False, max_length=200)

    @property
    def given(self) -> dict[str, str]:
        """The facts that were stated, by name."""
        return {name: self.cleaned_data.get(f"fact{at}", "") for at, name in enumerate(self.names)}
