"""The declaration of a policy: every block and key an organisation can write its promises with.

Read by `policy.load`, printed as JSON Schema by `troth schema`. The data map has its own declaration in
`catalog.datamap`. What a key means for the stores is decided by the planner, not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Discriminator, Field, Tag

from troth.grammar.declare import Block, Colour, Day, Event, Fingerprints, Flag, Name, Period, Words
from troth.periods import Period as PeriodValue
from troth.periods import parse

DEFAULT_ACT_WITHIN = parse("24 hours")


class Promise(Block):
    """What every promise can carry."""

    id: Name | None = Field(None, description="A stable id of your own; by default block and key.")
    says: Fingerprints = Field((), description="Fingerprints of the sentences that make this promise.")
    label: str = Field("", description="The name people know it by.")


class Organisation(Block):
    """Who promises."""

    renamed: ClassVar[Mapping[str, tuple[str, str]]] = {
        "contact": ("contacts", "contacts are a mapping by use: `contacts: {privacy: …}`"),
        "tz": ("timezone", "write `timezone: Europe/Paris`"),
        "regulations": ("laws", "list the law packs under `laws:`"),
    }

    name: str = Field(description="The organisation's name.")
    laws: tuple[Name, ...] = Field((), description="Law packs the organisation claims or is bound by.")
    timezone: str = Field("UTC", description="IANA time zone whose calendar ends periods.")
    contacts: dict[Name, str] = Field(default_factory=dict, description="Contact routes by use.")
    roles: Words = Field((), description="What the organisation is: controller, processor.")
    address: Words = Field((), description="Postal address, line by line, as letters show it.")


class Published(Block):
    """The published text the rules are taken from."""

    text: str = Field("", description="File with the text (txt, md or html); may be absent.")
    lock: str = Field("policy.lock", description="File with the fingerprints of the text.")
    version: Day | None = Field(None, description="Date of the version in force, as YYYY-MM-DD.")
    url: str = Field("", description="Where the public reads it.")


class Category(Promise):
    """A kind of personal data the policy names."""

    covers: Words = Field((), description="What belongs to it, in the policy's own terms.")
    collected: Flag = Field(True, description="Whether the policy lists it among what is collected.")


class Purpose(Promise):
    """Why data is used."""

    renamed: ClassVar[Mapping[str, tuple[str, str]]] = {
        "legal-basis": ("basis", "write `basis: contract`"),
        "legal_basis": ("basis", "write `basis: contract`"),
        "lawful-basis": ("basis", "write `basis: contract`"),
        "categories": ("uses", "list the categories the purpose reads under `uses:`"),
    }

    uses: tuple[Name, ...] = Field((), description="Categories this purpose reads.")
    basis: (
        Literal[
            "consent",
            "contract",
            "legal-obligation",
            "vital-interests",
            "public-task",
            "legitimate-interests",
        ]
        | None
    ) = Field(None, description="Legal ground (GDPR Art. 6(1)).")


class PeriodBy(Block):
    """A period that depends on something."""

    subject: dict[Name, Period] = Field(default_factory=dict, description="By kind of subject.")
    store: dict[Name, Period] = Field(default_factory=dict, description="By store.")
    law: dict[str, Period] = Field(default_factory=dict, description="By governing law, such as GB-SCT.")
    otherwise: Period | None = Field(None, description="Where none of these applies.")


class Inactive(Block):
    """When an event that may never come is taken to have come."""

    after: Period = Field(description="How long without a sign of life.")
    since: Event = Field(description="The event that shows life, such as last.login.")
    notice: Period = Field(parse("30 days"), description="How long before the end the person is told.")


WORDS_FOR = ("ever", "as-contracted")
"""What a rule may say in place of a period."""


def _form(value: object) -> str:
    """Tell which form of `for` was written, so that only its own faults are reported."""
    if isinstance(value, dict | PeriodBy):
        return "(by)"
    return "(word)" if value in WORDS_FOR else "(period)"


KeptFor = Annotated[
    Annotated[PeriodBy, Tag("(by)")]
    | Annotated[Literal["ever", "as-contracted"], Tag("(word)")]
    | Annotated[Period, Tag("(period)")],
    Discriminator(_form),
]


class Retention(Promise):
    """When data of one class ends."""

    renamed: ClassVar[Mapping[str, tuple[str, str]]] = {
        "keep": ("for", "write `for: 2 years`"),
        "retain": ("for", "write `for: 2 years`"),
        "period": ("for", "write `for: 2 years`"),
        "from": ("after", "name the event the period runs from: `after: account.closed`"),
        "anchor": ("after", "name the event the period runs from: `after: account.closed`"),
        "max": ("at-most", "a cap is `at-most: 7 years` with `after:`"),
        "reason": ("because", "name the duty: `because: tax`"),
        "anonymise": ("without-person", "write `for: ever` with `without-person: yes`"),
    }

    for_: KeptFor | None = Field(
        None, description="How long: a period, `ever`, `as-contracted`, or by subject."
    )
    after: Event | None = Field(None, description="The event the period runs from.")
    until: Event | None = Field(
        None, description="The event that ends it; `purposes.end` is the last live purpose."
    )
    at_most: Period | None = Field(None, description="A cap over other rules, counted from `after`.")
    over: tuple[Name, ...] = Field((), description="Rules the cap stands over; all of them when left out.")
    without_person: Flag = Field(False, description="With `for: ever`: the record stays, the person goes.")
    act_within: Period = Field(DEFAULT_ACT_WITHIN, description="How soon after its end data must be gone.")
    because: str = Field("", description="The duty that asks for it, such as tax.")
    minimal_record: Words = Field((), description="What a duty needs; the rest of the class goes earlier.")
    inactive: Inactive | None = Field(None, description="When the event counts as come though it never did.")

    @property
    def period(self) -> PeriodValue | None:
        """Return the one fixed period of the rule, where it has one."""
        return self.for_ if isinstance(self.for_, PeriodValue) else self.at_most


class Rights(Promise):
    """Which rights people are offered, and how fast they are answered."""

    offer: tuple[
        Literal[
            "access",
            "rectify",
            "erase",
            "restrict",
            "object",
            "portability",
            "withdraw",
            "complain",
            "know",
            "delete",
            "correct",
            "opt-out-of-sale",
            "limit-sensitive",
            "non-discrimination",
        ],
        ...,
    ] = Field((), description="The rights the policy names.")
    only_for: dict[Name, str] = Field(
        default_factory=dict, description="Who is offered a right that not everybody is, in your own words."
    )
    answer_within: dict[Name, Period] = Field(default_factory=dict, description="Answer term by law.")
    routes: tuple[Name, ...] = Field((), description="Contact routes by which requests come in.")
    keep_requests: Period | None = Field(
        None,
        description="How long what a closed request says of people is kept; by default as requests.md says.",
    )
    sentences: dict[str, Fingerprints] = Field(default_factory=dict, description="Sentences per right.")

    @property
    def for_everybody(self) -> tuple[str, ...]:
        """List the rights that are not kept to some people."""
        return tuple(right for right in self.offer if right not in self.only_for)


class Erasure(Promise):
    """What happens on a deletion request."""

    backups: Period | None = Field(None, description="How soon data is gone from backups.")
    confirm: Flag = Field(False, description="Whether the person gets a confirmation.")
    recipients: Flag = Field(True, description="Whether recipients are told to delete too.")
    minimal_record: Flag = Field(False, description="Whether records that a duty needs are kept.")


class Breach(Promise):
    """Who is told of a breach, how soon, and what."""

    renamed: ClassVar[Mapping[str, tuple[str, str]]] = {
        "notify-within": (
            "tell-people-within",
            "say who is told: `tell-people-within:` or `tell-authority-within:`",
        ),
        "content": ("include", "list the parts of the notice under `include:`"),
    }

    tell_people_within: Period | None = Field(None, description="Notice to people, from awareness.")
    tell_authority_within: Period | None = Field(None, description="Notice to the authority, from awareness.")
    include: tuple[Literal["nature", "consequences", "measures", "contact", "protective-steps"], ...] = Field(
        (), description="What the notice must hold."
    )


class Transfer(Promise):
    """A country or region data goes to, and what protects it there."""

    to: str = Field(description="Country code (ISO 3166) or region.")
    safeguard: (
        Literal["adequacy", "standard-clauses", "binding-rules", "consent", "contract", "none"] | None
    ) = Field(None, description="What protects the data (GDPR Chapter V).")
    categories: tuple[Name, ...] = Field((), description="What is transferred; everything when left out.")


class Recipient(Promise):
    """Someone data goes to."""

    renamed: ClassVar[Mapping[str, tuple[str, str]]] = {
        "kind": ("sort", "write `sort: payment provider`"),
        "since": ("from", "write `from: 2026-01-31`"),
    }

    role: Literal["processor", "controller", "joint", "authority", "buyer", "group"] = Field(
        "processor", description="What it is to us."
    )
    sort: str = Field("", description="Its category, as answers name it: payment provider, ad network.")
    purposes: tuple[Name, ...] = Field((), description="Purposes it serves.")
    categories: tuple[Name, ...] = Field((), description="What it gets.")
    country: str = Field("", description="Where it is.")
    contact: str = Field("", description="Where it is told of erasures.")
    from_: Day | None = Field(None, description="The first day it is given data.")
    until: Day | None = Field(None, description="The last day it is given data.")


class Statement(Promise):
    """A promise without an engine of its own yet: security, cookies, notices, definitions."""

    kind: str = Field(
        "other",
        description="Kind of promise, as `troth read` guesses it; after a dot, what keeps it (check.md).",
    )
    what: str = Field(description="What is promised, in your own words.")


class Attestation(Block):
    """What only a person can know, stated by name until a date."""

    promise: str = Field(description="Id of the promise.")
    by: str = Field(description="Who states it.")
    until: Day = Field(description="When the statement ends.")


class Acceptance(Block):
    """A finding someone has looked at and lives with for a while."""

    finding: str = Field(description="Code of the finding.")
    about: str = Field("", description="What it is about; every finding of that code when left out.")
    owner: str = Field(description="Who accepts it.")
    reason: str = Field(description="Why.")
    until: Day = Field(description="When it is looked at again.")


class Limits(Block):
    """How much one plan may do before it stops and asks."""

    rows: int | None = Field(None, ge=0, description="Most rows one plan may touch.")
    rows_per_step: int | None = Field(None, ge=0, description="Most rows one step may touch.")
    share: Annotated[float, Field(gt=0, le=100)] = Field(
        5.0, description="First run: largest share of a table, %."
    )
    drift: Annotated[float, Field(ge=0, le=100)] = Field(10.0, description="How far counts may move, %.")
    approve_over: int | None = Field(
        None, ge=0, description="Above so many rows a second person must approve; `0`: always."
    )


class Mail(Block):
    """From whom letters go by mail."""

    renamed: ClassVar[Mapping[str, tuple[str, str]]] = {
        "sender": ("from", "write `from: privacy@example.org`"),
    }

    from_: str = Field("", description="Address they come from; by default the contact for privacy.")
    reply_to: str = Field("", description="Address answers go to, where it is another.")
    keep: Period = Field(
        parse("30 days"), description="How long a letter is kept after it has gone; by default 30 days."
    )
    colour: Colour = Field(
        "#1f5c4d", description="Colour of headings and links in mails; must be readable on white."
    )


class Policy(Block):
    """Everything an organisation promises."""

    renamed: ClassVar[Mapping[str, tuple[str, str]]] = {
        "organization": ("organisation", "the key is spelt `organisation`"),
        "policy": ("published", "the published text stands under `published:`"),
        "data-categories": ("categories", "write `categories:`"),
        "rules": ("retention", "retention rules stand under `retention:`"),
    }

    organisation: Organisation = Field(description="Who promises.")
    published: Published = Field(Published(), description="The published text the rules are taken from.")
    categories: dict[Name, Category] = Field(default_factory=dict, description="Kinds of personal data.")
    purposes: dict[Name, Purpose] = Field(default_factory=dict, description="Why data is used.")
    retention: dict[Name, Retention] = Field(default_factory=dict, description="When data ends.")
    rights: Rights | None = Field(None, description="Which rights people are offered.")
    erasure: Erasure | None = Field(None, description="What happens on a deletion request.")
    breach: Breach | None = Field(None, description="Who is told of a breach.")
    transfers: dict[Name, Transfer] = Field(default_factory=dict, description="Where data goes abroad.")
    recipients: dict[Name, Recipient] = Field(default_factory=dict, description="Who is given data.")
    statements: dict[Name, Statement] = Field(default_factory=dict, description="Every other promise.")
    wording_only: Fingerprints = Field((), description="Sentences that promise nothing.")
    attested: tuple[Attestation, ...] = Field((), description="What a person states by name until a date.")
    accepted: tuple[Acceptance, ...] = Field((), description="Findings someone lives with for a while.")
    limits: Limits = Field(Limits(), description="How much one plan may do.")
    mail: Mail = Field(Mail(), description="From whom letters go by mail.")
