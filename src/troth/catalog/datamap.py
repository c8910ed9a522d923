"""The declaration of the data map: stores, subjects, datasets, and what in them is personal.

Read from the project's files beside the policy. How rows reach their subjects is worked out in `reach`
from this and the live schema; nothing here opens a store.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from troth.grammar.declare import Block, Event, Flag, Line, Name, Number, Period, Words, listed

MOST_AT_ONCE = 100
MOST_PER_MINUTE = 6_000
EVERYONE = "everyone"
"""Stands for a role where a value is of all people in its row together."""


class Work(Block):
    """How hard workers may work in a store."""

    renamed: ClassVar[Mapping[str, tuple[str, str]]] = {
        "concurrency": ("at-once", "write `at-once: 1`"),
        "rate": ("per-minute", "write `per-minute: 30`"),
    }

    at_once: Number = Field(
        1, ge=1, le=MOST_AT_ONCE, description="How many turns of jobs go on in it at the same time."
    )
    per_minute: Number | None = Field(
        None,
        ge=1,
        le=MOST_PER_MINUTE,
        description="How many turns may begin in it within a minute; any number when left out.",
    )


class Store(Block):
    """A place outside Troth that holds data."""

    renamed: ClassVar[Mapping[str, tuple[str, str]]] = {
        "location": ("located", "write `located: US`"),
        "country": ("located", "write `located: US`"),
        "dsn": ("url", 'write `url: "${APP_DB}"`'),
        "tz": ("timezone", "write `timezone: UTC`"),
    }

    url: str = Field("", description="SQLAlchemy URL; ${NAME} is taken from the environment.")
    files: str = Field("", description="Path pattern of a file store.")
    kind: (
        Literal["database", "files", "delta", "mail", "logs", "tree", "physical", "device", "service"] | None
    ) = Field(None, description="What it is, where the address does not say so.")
    located: str = Field("", description="Country the data rests in (ISO 3166).")
    timezone: str = Field("", description="Zone of columns that carry none.")
    schemas: Words = Field((), description="Schemas to look at; all when left out.")
    max_age: Period | None = Field(None, description="How old a look at this store may be for a check.")
    work: Work | None = Field(
        None, description="How hard workers may work in it; one plan at a time when left out."
    )
    roles: dict[str, Words] = Field(
        default_factory=dict,
        description="Database roles of applications, each with the purposes it reads for.",
    )


class Identity(Block):
    """A value that finds a subject."""

    field: str = Field(description="Column of the subject's dataset.")
    verified: str = Field("", description="Column that says the value was proven.")
    links: Flag | None = Field(None, description="Whether it may extend a search to other rows.")


def _identity(value: object) -> object:
    return {"field": value} if isinstance(value, str) else value


OneIdentity = Annotated[Identity, BeforeValidator(_identity, json_schema_input_type=str | Identity)]


class Subject(Block):
    """A kind of person the data is about."""

    dataset: str = Field(description="Dataset with one row per person.")
    key: Words = Field(description="Its key columns.")
    residence: str = Field("", description="Column with the country of residence.")
    born: str = Field("", description="Column with the birth date.")
    identities: dict[Name, OneIdentity] = Field(
        default_factory=dict, description="Values that find the person, by kind."
    )


class DataField(Block):
    """One personal field of a dataset."""

    name: str = Field(description="Column name.")
    kept_as: Name | None = Field(None, description="Retention class of this field alone.")
    on_expiry: Literal["blank", "ip-prefix", "month", "year", "keep"] = Field(
        "blank", description="What becomes of the value: removed, or made coarser (`ip-prefix`: /24 or /48)."
    )
    replace: str | None = Field(None, description="Text put in place of a value that may not be empty.")
    path: str = Field("", description="Keys to a value inside a JSON column, as `user.email`.")
    of: Name | None = Field(
        None, description="Whose value it is, in rows of several people: a role of `subject`, or `everyone`."
    )

    @property
    def whose(self) -> str | None:
        """Return the one role whose value it is; None where it is everyone's, or nobody has said."""
        return None if self.of == EVERYONE else self.of


def _field(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


class Controller(Block):
    """For whom rows are held, where that differs by row."""

    column: str = Field(description="Column that names the controller.")
    ours: tuple[str | int, ...] = Field((), description="Values that mean ourselves.")


def _which(value: object) -> str:
    return "(by row)" if isinstance(value, dict | Controller) else "(name)"


ControlledBy = Annotated[
    Annotated[str, Tag("(name)")] | Annotated[Controller, Tag("(by row)")], Discriminator(_which)
]

_OneField = Annotated[DataField, BeforeValidator(_field, json_schema_input_type=str | DataField)]


class Running(Block):
    """How rows whose event has not come yet are told from rows whose date is missing."""

    column: str = Field(description="Column that says what state the row is in.")
    is_: tuple[str | int | bool, ...] = Field((), description="Values that mean it still runs.")


FieldList = Annotated[
    tuple[_OneField, ...], BeforeValidator(listed, json_schema_input_type=str | tuple[str | DataField, ...])
]


class Dataset(Block):
    """One table, collection or file set with personal data."""

    renamed: ClassVar[Mapping[str, tuple[str, str]]] = {
        "retention": ("kept-as", "name the retention class: `kept-as: account`"),
        "class": ("kept-as", "name the retention class: `kept-as: account`"),
        "columns": ("fields", "list columns by category under `fields:`"),
        "harmless": ("no-personal-data", "list the columns under `no-personal-data:`"),
        "person": ("subject", "write `subject: customer`"),
        "title": ("label", "write `label: Letters you wrote us`"),
    }

    label: Line = Field("", description="What people call it, as `Letters you wrote us`.")
    subject: Words = Field((), description="`customer`, `customer via customer_id`, `sender via from_id`, …")
    owned_by: str = Field(
        "", description="`customer via customers.address_id`: the person's row points here."
    )
    kept_as: Name | None = Field(None, description="Retention class of every field without its own.")
    on_expiry: Literal["delete-row", "keep-row", "keep-without-person"] | None = Field(
        None, description="What becomes of a row once all its personal fields have expired."
    )
    fields: dict[Name, FieldList] = Field(default_factory=dict, description="Personal fields by category.")
    anchors: dict[Event, str] = Field(default_factory=dict, description="Column that dates each event.")
    open_while: dict[Event, Running] = Field(
        default_factory=dict, description="Which rows may lack an event's date because it has not come yet."
    )
    no_personal_data: Words = Field((), description="Columns that hold nothing personal.")
    free_text: Words = Field((), description="Columns in which people write freely.")
    minimal_record: dict[str, str] = Field(
        default_factory=dict, description="Column for each part of a minimal record."
    )
    controller: ControlledBy | None = Field(None, description="For whom we hold it; ourselves when left out.")
    source: str = Field("", description="Where the data comes from.")
    derived_from: Words = Field((), description="Datasets it is computed from.")
    located: str = Field("", description="Country, where it differs from the store's.")
    archive_of: str = Field("", description="Dataset whose older rows these are.")
    timezone: str = Field("", description="Zone of columns that carry none.")
    soft_deleted: str = Field(
        "", description="Column by which the application hides rows; hidden rows are data all the same."
    )
    restricted: str = Field(
        "", description="Column that tells the application to leave a restricted row alone."
    )
    objected: dict[Name, str] = Field(
        default_factory=dict, description="Column that tells of an objection, for each purpose."
    )


class EventSource(Block):
    """An event that is the latest of several dated columns, per subject."""

    latest_of: Words = Field(description="Columns, as `app.messages.sent_at`.")


class DataMap(Block):
    """Where personal data lives."""

    renamed: ClassVar[Mapping[str, tuple[str, str]]] = {
        "tables": ("datasets", "tables are datasets: `datasets: {app.customers: …}`"),
        "databases": ("stores", "databases are stores: `stores: {app: …}`"),
        "people": ("subjects", "kinds of people stand under `subjects:`"),
    }

    stores: dict[Name, Store] = Field(default_factory=dict, description="Places that hold data.")
    subjects: dict[Name, Subject] = Field(
        default_factory=dict, description="Kinds of people the data is about."
    )
    datasets: dict[str, Dataset] = Field(
        default_factory=dict, description="Tables and files with personal data, as `store.table`."
    )
    events: dict[Event, EventSource] = Field(
        default_factory=dict, description="Events dated by several columns."
    )
    no_personal_data: Words = Field(
        (), description="Datasets, or dataset.column, that hold nothing personal."
    )
