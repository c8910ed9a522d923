"""The forms of a case's steps: what each must be told, no more. They check shape; what may be done `app` decides.

Every form carries how many events were seen, so that whoever comes second is told.
"""

# ruff: noqa: D101
# A form is named for its step; what the step does is said in `case_words`.

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from django import forms

from troth.app import known
from troth.app.casework import answering, steps
from troth.app.casework.steps import Standing
from troth.app.project import Project
from troth.app.proving import identity as proving
from troth.app.requests import steps as request_steps
from troth.app.requests import terms as request_terms
from troth.cases import deciding, identity_points, identity_proof, papers
from troth.cases.answers import Demanded
from troth.desk.console import case_words, spoken
from troth.laws.due import Clocked
from troth.rights.restrict import Reason
from troth.sharing.model import Recipient

LONG = 20_000
"""Characters of a text somebody types."""
SHORT = 500
LATE = timedelta(minutes=5)
Choices = Iterable[tuple[str, str]]
Field = TypeVar("Field", bound=forms.Field)


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a form may have to know of the case it is for."""

    standing: Standing
    project: Project
    missing: tuple[Demanded, ...] = ()
    """Parts of the answer that a person has to write."""
    recipients: tuple[Recipient, ...] = ()
    outcomes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Ways to decide, and what keeps each from being taken."""


class Step(forms.Form):
    """What every step is told: how many events whoever does it saw."""

    seen = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, about: About, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, auto_id="id_%s", label_suffix="")
        self.about = about
        self.fields["seen"].initial = len(about.standing.case.events)
        self.build()

    def build(self) -> None:
        """Add fields that depend on the case."""

    def choose(self, name: str, choices: Choices) -> None:
        """Give a field its choices."""
        self.fields[name].choices = list(choices)  # type: ignore[attr-defined]


class Dated(Step):
    """A step that may have happened earlier than it is written down."""

    happened = forms.DateTimeField(
        label="When it happened",
        required=False,
        help_text="UTC. Leave it empty for now; an earlier step writes no letter.",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def clean_happened(self) -> datetime | None:
        """Return the instant with its zone."""
        found: datetime | None = self.cleaned_data["happened"]
        return found.replace(tzinfo=UTC) if found and found.tzinfo is None else found


def area(
    label: str, hint: str = "", *, required: bool = True, rows: int = 3, most: int = LONG
) -> forms.CharField:
    """Make a field of several lines."""
    return forms.CharField(
        label=label,
        help_text=hint,
        required=required,
        max_length=most,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


def line(label: str, hint: str = "", *, required: bool = True, most: int = SHORT) -> forms.CharField:
    """Make a field of one line."""
    plain = forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(label=label, help_text=hint, required=required, max_length=most, widget=plain)


def where(label: str, hint: str, *, required: bool = True) -> forms.CharField:
    """Make a field for a place: its code, or its name picked from what the browser suggests (`{% places %}`)."""
    shown = forms.TextInput(attrs={"autocomplete": "off", "list": "places"})
    return forms.CharField(label=label, help_text=hint, required=required, max_length=20, widget=shown)


def plainly(found: Field) -> Field:
    """Say of a field nothing of being optional: whether it is needed depends on another."""
    found.plain = True  # type: ignore[attr-defined]  # read by the template
    return found


def pick(label: str, choices: Choices = (), hint: str = "", *, required: bool = True) -> forms.ChoiceField:
    """Make a list to pick one of."""
    return forms.ChoiceField(label=label, choices=list(choices), help_text=hint, required=required)


def radios(label: str, choices: Choices = (), hint: str = "", *, required: bool = True) -> forms.ChoiceField:
    """Make a few choices that are all seen at once."""
    return forms.ChoiceField(
        label=label, choices=list(choices), help_text=hint, required=required, widget=forms.RadioSelect
    )


def several(label: str, choices: Choices = (), hint: str = "") -> forms.MultipleChoiceField:
    """Make choices of which any number may be taken."""
    return forms.MultipleChoiceField(
        label=label,
        choices=list(choices),
        help_text=hint,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


def tick(label: str, hint: str = "") -> forms.BooleanField:
    """Make a box to tick."""
    return forms.BooleanField(label=label, help_text=hint, required=False)


def day(label: str, hint: str = "", *, required: bool = True) -> forms.DateField:
    """Make a field for a day."""
    plain = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, help_text=hint, required=required, widget=plain)


class Document(forms.FileField):
    """A file of a bounded size, read whole."""

    def __init__(self, label: str, most: int) -> None:
        super().__init__(label=label, max_length=200, help_text=f"At most {most // 1_000_000} MB.")
        self.most = most

    def clean(self, data: Any, initial: Any = None) -> bytes:
        """Return what the file holds."""
        found = super().clean(data, initial)
        if found.size > self.most:
            raise forms.ValidationError(f"The file has more than {self.most // 1_000_000} MB.")
        return bytes(found.read())


class Nothing(Step):
    """Nothing but the button."""


class NothingDated(Dated):
    """Nothing but the button, and when it happened."""


class Note(Dated):
    text = area("What is worth knowing")


class Customer(Dated):
    """Whose data it is."""

    how = radios(
        "What do you know?",
        (
            ("named", "It is held for this customer"),
            ("ask", "Ask the person, in a letter that names nobody"),
            ("ours", "It is ours: we are the controller"),
        ),
    )
    customer = plainly(
        line("Name of the customer", "As the data map names them. It is sealed.", required=False)
    )

    def build(self) -> None:
        """Ask nobody where that may not be done now."""
        if "customer.asked" not in self.about.standing.may:
            self.choose("how", [one for one in self.fields["how"].choices if one[0] != "ask"])  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Want a name where one is said to be known."""
        if self.cleaned_data.get("how") == "named" and not self.cleaned_data.get("customer", "").strip():
            self.add_error("customer", "Write the name of the customer.")
        return self.cleaned_data


class Refer(Dated):
    to = area(
        "Where the controller is reached", "A mail address, or a postal address line by line.", most=SHORT
    )


class Instruct(Dated):
    instruction = line("Number of the instruction", "As the controller writes it: OZ-17.", most=100)


class Residence(Dated):
    place = where(
        "Country, and part of it where laws differ",
        "Type a name and pick it, or a code: IE, GB-SCT, US-CA; or unknown.",
    )


class Because(Step):
    because = area("What it rests on", "Sealed with the request.")


class Accept(Step):
    """Somebody's word that it is clear who asks."""

    means = radios("What was shown?")
    because = area("What it rests on", "As: wrote from the address on file. Sealed with the request.")

    def build(self) -> None:
        """Offer no-doubt where the laws of the case let that be enough."""
        known_ = {
            "no-doubt": "There is no reasonable doubt who asks",
            "login": "The person signed in to their account again",
            "document": "The person showed a document",
        }
        doubt = ("no-doubt",) if self.about.standing.proof.doubt_first else ()
        self.choose("means", ((one, known_[one]) for one in (*doubt, *steps.BY_WORD)))


class SendCode(Step):
    because = area(
        "Why", "For the letter. Where the law wants doubt first, say what is doubtful.", required=False
    )
    minutes = forms.IntegerField(label="Minutes it is valid", min_value=1, max_value=1440, initial=15)

    def build(self) -> None:
        """Want a reason where the law wants doubt first."""
        self.fields["because"].required = self.about.standing.proof.doubt_first


class CheckCode(Step):
    code = line("The code the person gave", most=20)


class Ask(Step):
    """Ask for proof by letter."""

    means = radios("Ask for")
    because = area("Why", "For the letter. A document is asked for only with a reason.", required=False)

    def build(self) -> None:
        """Offer what may be asked for in this case."""
        case, proof = self.about.standing.case, self.about.standing.proof
        left = {"code"}
        left |= set() if proof.declaration else {"declaration"}
        left |= {"authority"} if case.whom == "self" else set()
        left |= set() if case.child and case.whom == "parent" else {"parent"}
        left |= set() if identity_proof.milder_tried(case) else {"document"}
        says = identity_proof.SAYS
        self.choose("means", ((one, says[one]) for one in identity_proof.MEANS if one not in left))


class Match(Step):
    """Facts somebody stated, one field each."""

    disputed = several("Facts whose truth is in dispute", hint="What is to be corrected proves nothing.")

    def build(self) -> None:
        """Make a field for every fact that may be asked about."""
        found = identity_points.facts(self.about.project.datamap)
        self.facts = {f"fact_{n}": name for n, name in enumerate(dict.fromkeys(one.name for one in found))}
        if self.about.standing.case.kind.name == "rectify":
            self.choose("disputed", ((name, name.replace("_", " ")) for name in self.facts.values()))
        else:
            del self.fields["disputed"]
        for one, name in self.facts.items():
            self.fields[one] = plainly(line(name.replace("_", " ").capitalize(), required=False))

    @property
    def given(self) -> Sequence[identity_points.Given]:
        """What was typed."""
        typed = {name: self.cleaned_data[one].strip() for one, name in self.facts.items()}
        return [identity_points.Given(fact=name, value=value) for name, value in typed.items() if value]


class Declare(Step):
    document = Document("The signed declaration", proving.LARGEST)


class Authority(Step):
    document = Document("What the agent showed", proving.LARGEST)
    attorney = tick("It is a power of attorney", "Then nothing more is asked (11 CCR 7063(b)).")


class Paper(Step):
    document = Document("The document", papers.LARGEST)


class Fail(Step):
    reason = radios("Why?", ((one, one.replace("-", " ").capitalize()) for one in identity_proof.FAILURES))


class Clarify(Dated):
    questions = area("What to ask", "One question a line.")
    why = area("Why, for the person", required=False, rows=2)
    needed = forms.BooleanField(
        label="Without the answer it cannot be done",
        help_text="Where a law lets the term wait, it waits only then.",
        required=False,
        initial=True,
    )


class Clarified(Dated):
    text = area("What the person answered", required=False)


class Extend(Dated):
    reason = radios("Reason", ((one, one.replace("-", " ").capitalize()) for one in request_terms.EXTENSIONS))
    because = area("In words, for the person")
    until = day("New day", "Only where a law wants a day told and has no second number.", required=False)

    def build(self) -> None:
        """Ask for a day only where a law wants one."""
        able: list[Clocked] = request_terms.extensible(self.about.standing.dates)
        if all(one.term and one.term.extended for one in able):
            del self.fields["until"]


class Fee(Dated):
    reason = radios("Reason", ((one, one.replace("-", " ").capitalize()) for one in request_terms.FEES))
    amount = line("How much", "As 15 EUR.", most=100)
    because = area("Why, for the person")


class Cost(Dated):
    amount = line("How much", "As 15 EUR.", most=100)
    because = area("Why, for the person")


class Plan(Step):
    joined = tick("Take several accounts found as one person's", "Only where you are sure of it.")


class HoldOff(Step):
    """Stop the use until a decision."""

    purpose = pick("Purpose that stops")
    review = day("When somebody looks at it again")
    allow = several("Purposes that go on")

    def build(self) -> None:
        """Ask for a purpose or a review, by what is asked for."""
        named = [(one, one.replace("-", " ")) for one in known.purposes(self.about.project)]
        if self.about.standing.case.kind.name == "object":
            self.choose("purpose", named)
            del self.fields["review"], self.fields["allow"]
        else:
            del self.fields["purpose"]
            self.choose("allow", named)


class Decide(Step):
    """A decision, with its reasons."""

    outcome = radios("What do you decide?")
    reasons = several(
        "Reasons", hint="Needed where something is refused; a law counts only where one of them is its own."
    )
    facts = area("The facts behind it", "Sealed with the case.", required=False)
    until = day(
        "End of an interest of our own", "Within twelve months; only with that reason.", required=False
    )

    def build(self) -> None:
        """Offer outcomes that may be, and the reasons the laws of the case know."""
        case = self.about.standing.case
        open_ = [one for one, why in self.about.outcomes.items() if not why]
        self.choose("outcome", ((one, case_words.OUTCOMES[one]) for one in open_))
        given = deciding.reasons(case, deciding.valid(case))
        self.choose("reasons", ((one.code, _reason(one)) for one in given))

    @property
    def decision(self) -> deciding.Decision:
        """What was decided."""
        data = self.cleaned_data
        return deciding.Decision(
            outcome=data["outcome"], reasons=tuple(data["reasons"]), text=data["facts"], until=data["until"]
        )


def _reason(one: deciding.Given) -> str:
    rules = f" ({'; '.join(one.rules)})" if one.rules else ""
    return f"{one.says[:1].upper()}{one.says[1:]}{rules}"


class CarryOut(Step):
    """What has to be known besides the request, by kind."""

    purpose = pick("Purpose that stops")
    field = pick("What is to be corrected")
    value = area("The right value", rows=2, most=4_000)
    reason = radios("Reason (GDPR Art. 18(1))", ((one.value, one.value.replace("-", " ")) for one in Reason))
    review = day("When somebody looks at it again")
    allow = several("Purposes that go on")

    def build(self) -> None:
        """Leave only the fields this kind of request needs."""
        case, kind = self.about.standing.case, self.about.standing.case.kind.name
        wanted = {
            "withdraw": ("purpose",),
            "object": ("purpose",) if case.last("restricted") is None else (),
            "object-marketing": ("purpose",),
            "rectify": ("field", "value"),
            "restrict": ("reason", "review", "allow"),
        }.get(kind, ())
        for name in ("purpose", "field", "value", "reason", "review", "allow"):
            if name not in wanted:
                del self.fields[name]
        named = [(one, one.replace("-", " ")) for one in known.purposes(self.about.project)]
        if "purpose" in wanted:
            self.fields["purpose"].required = kind != "object-marketing"
            rest = [] if kind != "object-marketing" else [("", "Every marketing purpose of the policy")]
            self.choose("purpose", [*rest, *named])
        if "allow" in wanted:
            self.choose("allow", named)
        if "field" in wanted:
            self.choose("field", ((one, one) for one in _columns(self.about.project)))


def _columns(project: Project) -> Iterable[str]:
    for name, dataset in project.datamap.datasets.items():
        for fields in dataset.fields.values():
            yield from (f"{name}.{one.name}" for one in fields if not one.path)


class Answer(Step):
    """What a person adds to an answer."""

    delivery = area("How the data itself is handed over", "As: behind your login.", required=False, rows=2)
    notes = area("A paragraph more", required=False, rows=2)
    by_hand = tick("I hand it over myself", "Then no letter is queued.")

    def build(self) -> None:
        """Make a field for every part that a law demands and that cannot be worked out."""
        parts = {one.part: one for one in self.about.missing if one.part != "copy"}
        for part, one in parts.items():
            by = spoken.spoken(f"Demanded by {', '.join(one.by)}.") if one.by else ""
            label = f"{one.says[:1].upper()}{one.says[1:]}"
            self.fields[f"part_{part}"] = area(label, by)
        if (
            not self.about.standing.case.kind.discloses
            or self.about.standing.case.outcome not in deciding.GRANTS
        ):
            del self.fields["delivery"]
        elif any(one.part == "copy" for one in self.about.missing):
            self.fields["delivery"].required = True
        ends = [name for name in ("delivery", "notes", "by_hand") if name in self.fields]
        self.order_fields(["seen", *(f"part_{part}" for part in parts), *ends])

    @property
    def parts(self) -> dict[str, list[str]]:
        """Parts as they were written, paragraph by paragraph."""
        found = {
            name.removeprefix("part_"): str(self.cleaned_data[name])
            for name in self.fields
            if name[:5] == "part_"
        }
        return {part: paragraphs for part, said in found.items() if (paragraphs := _paragraphs(said))}


def _paragraphs(said: str) -> list[str]:
    plain = said.replace("\r\n", "\n")
    return [one.strip() for one in plain.split("\n\n") if one.strip()]


class RecipientAnswered(Step):
    recipient = pick("Recipient")
    outcome = radios(
        "What they answered", ((one, one.replace("-", " ").capitalize()) for one in answering.ANSWERS)
    )

    def build(self) -> None:
        """Offer those that may have been told."""
        self.choose("recipient", ((one.reference, one.name) for one in self.about.recipients))


class Close(Dated):
    because = area("Why", "Needed where nobody answered whose customer they are. Sealed.", required=False)


class Reopen(Dated):
    reason = radios("Why?", ((one, one.replace("-", " ").capitalize()) for one in request_steps.REOPENINGS))
    text = area("In words", "Sealed.", required=False)


class Reading(forms.Form):
    """Why somebody reads what a request says of a person."""

    because = line(
        "Why do you need to read it?", "Your name, the time and a keyed hash of the reason become evidence."
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="reading_%s", label_suffix="")
