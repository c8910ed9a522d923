"""Write the data map of a draft: stores, subjects, datasets, and each guess with confidence and reason.

What a tool cannot know (which retention class, what becomes of a row) is left out: the draft loads, and what
is missing shows as findings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from troth.catalog.detect import Guess, Survey, names
from troth.catalog.detect.judge import PERSONAL_FROM
from troth.catalog.detect.kinds import Kind
from troth.catalog.draft import people, writing
from troth.catalog.draft.people import Reach, Subject
from troth.catalog.model import ColumnKind, Table, TableKind

UNSURE = 0.6

_TIMES = (ColumnKind.DATE, ColumnKind.DATETIME, ColumnKind.DATETIME_TZ)
_DATED = frozenset(
    {"at", "on", "am", "date", "datum", "fecha", "time", "timestamp", "zeitpunkt", "since", "seit", "alta"}
)
_MONEY = frozenset(
    """total amount price betrag summe preis importe precio montant prix totale prezzo bedrag kwota valor gross net
    subtotal paid sum cost fee""".split()  # noqa: SIM905
)
_CLOSED = """closed deleted deactivated terminated cancelled canceled left exit austritt baja gekuendigt kuendigung
    geschlossen geloescht ausgetreten"""
_PAID = """ordered placed paid purchased invoiced invoice order payment billed charged transaction booked booking
    bestellt bestellung bestell bezahlt rechnung rechnungs pedido factura commande"""
_ALIVE = """login seen active activity sent received contacted visited replied called access enviado gesendet
    letzter ultimo ultima last"""
_MADE = """created registered signup joined subscribed inserted added recorded submitted collected alta angelegt
    erstellt aufnahme creacion registro eintritt start timestamp zeitpunkt at"""
_EVENTS: tuple[tuple[str, frozenset[str]], ...] = (
    ("account.closed", frozenset(_CLOSED.split())),
    ("transaction.made", frozenset(_PAID.split())),
    ("last.interaction", frozenset(_ALIVE.split())),
    ("collected", frozenset(_MADE.split())),
)
"""Words of dated columns, by the event they may stand for; the first that fits."""
_NO_EVENT = frozenset(
    "updated modified expires expiry due verified confirmed until end next changed close closing target".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """A data map, and what a policy beside it can speak of."""

    text: str
    categories: frozenset[str]
    events: frozenset[str]
    """Events that a column may date."""


def write(surveys: Sequence[Survey], *, urls: Mapping[str, str]) -> Drafted:
    """Write the data map; also name the categories and events in it."""
    lines = [
        "# Where personal data lives. Drafted by `troth init`: every line is a guess until a person has read it.",
        "# Beside each field: what it seems to be, how sure (0 to 1), and why.",
        "",
        "stores:",
    ]
    for survey in surveys:
        store = survey.catalog.store
        given = [("url", writing.scalar(urls.get(store) or "${" + store.upper() + "_DB}"))]
        lines.append(f"  {store}: {writing.mapping(given)}")
        lines.append(
            "  # inside the braces add `located: DE` (the country) and, where columns carry no zone, `timezone: UTC`"
        )
    body: list[str] = []
    harmless: list[str] = []
    used: set[str] = set()
    events: set[str] = set()
    subject_lines: list[str] = []
    for survey in surveys:
        writer = _Store(survey)
        subject_lines += writer.subject_lines()
        body += writer.dataset_lines()
        harmless += writer.harmless_lines()
        used |= writer.used
        events |= writer.events
    lines += ["", "subjects:" if subject_lines else "subjects: {}", *subject_lines]
    lines += ["", "datasets:" if body else "datasets: {}", *body]
    views = [line for survey in surveys for line in _Store(survey).view_lines()]
    lines += ["", "no-personal-data:" if harmless else "no-personal-data: []", *harmless, *views]
    return Drafted(text="\n".join(lines) + "\n", categories=frozenset(used), events=frozenset(events))


class _Store:
    """One store's part of the map."""

    def __init__(self, survey: Survey) -> None:
        self.survey = survey
        self.store = survey.catalog.store
        self.people = people.subjects(survey)
        self.reaches = people.reaches(survey, self.people)
        self.homes = {subject.table: subject for subject in self.people}
        self.used: set[str] = set()
        self.events: set[str] = set()
        self.guesses: dict[str, list[Guess]] = {}
        for guess in survey.guesses:
            self.guesses.setdefault(guess.table, []).append(guess)

    def tables(self) -> Iterator[Table]:
        """Yield what the map has to declare: views, partitions and shadows are reached through what holds them."""
        yield from (t for t in self.survey.catalog.tables.values() if t.writable)

    def is_dataset(self, table: Table) -> bool:
        personal = any(g.is_personal for g in self.guesses.get(table.name, ()))
        return personal or table.name in self.homes or table.name in self.reaches

    def subject_lines(self) -> list[str]:
        return [line for subject in self.people for line in self._subject(subject)]

    def _subject(self, subject: Subject) -> Iterator[str]:
        yield f"  {subject.kind}:  {writing.comment(subject.reason)}"
        yield f"    dataset: {writing.scalar(f'{self.store}.{subject.table}')}"
        yield f"    key: {writing.flow(subject.key)}"
        if subject.residence:
            yield f"    residence: {writing.scalar(subject.residence)}"
        if subject.born:
            yield f"    born: {writing.scalar(subject.born)}"
        if subject.identities:
            yield "    identities:"
        for identity in subject.identities:
            given = [("field", writing.scalar(identity.column))]
            if identity.verified:
                given.append(("verified", writing.scalar(identity.verified)))
            yield f"      {identity.name}: {writing.mapping(given)}"

    def dataset_lines(self) -> list[str]:
        return [line for table in self.tables() if self.is_dataset(table) for line in self._dataset(table)]

    def _dataset(self, table: Table) -> Iterator[str]:
        yield f"  {writing.scalar(f'{self.store}.{table.name}')}:"
        reach = self.reaches.get(table.name)
        yield from self._reach(table, reach)
        fields = self._fields(table, reach)
        personal = {guess.column for _, guess in fields}
        if fields:
            yield "    fields:"
        for category in dict.fromkeys(category for category, _ in fields):
            self.used.add(category)
            yield f"      {category}:"
            for guess in (guess for c, guess in fields if c == category):
                yield writing.beside(f"        - {writing.scalar(guess.column)}", _note(guess))
        anchors = self._anchors(table, personal)
        self.events |= {event for event, _ in anchors}
        if anchors:
            yield f"    anchors: {writing.mapping((e, writing.scalar(c)) for e, c in anchors)}  # guessed from names"
        free = [guess.column for _, guess in fields if guess.kind is Kind.FREE_TEXT]
        if free:
            yield f"    free-text: {writing.flow(free)}"
        yield "    # kept-as: which retention class?   on-expiry: delete-row, keep-row or keep-without-person?"
        yield from self._warnings(table)
        rest = self._rest(table, personal, reach, {column for _, column in anchors})
        if rest:
            yield f"    no-personal-data: {writing.flow(rest)}"

    def _reach(self, table: Table, reach: Reach | None) -> Iterator[str]:
        if table.name in self.homes:
            return
        if reach is None:
            yield "    # no way from here to a person was found: say it as `subject: … via …`"
            return
        if reach.owned_by:
            yield writing.beside(f"    owned-by: {writing.scalar(reach.owned_by)}", reach.reason)
        elif len(reach.subject) == 1:
            yield writing.beside(f"    subject: {writing.scalar(reach.subject[0])}", reach.reason)
        else:
            yield writing.beside(f"    subject: {writing.flow(reach.subject)}", reach.reason)
        for other in reach.others:
            yield f"    {writing.comment(f'another way: {other}')}"

    def _fields(self, table: Table, reach: Reach | None) -> list[tuple[str, Guess]]:
        keys = set(table.primary_key) | {c for k in table.foreign_keys for c in k.columns}
        joins = keys | (reach.columns if reach else frozenset())
        found = []
        for guess in self.guesses.get(table.name, ()):
            column = table.column(guess.column)
            if column is None or (guess.kind is Kind.MEMBER_NUMBER and column.name in joins):
                continue  # a number that joins tables is declared by that, and cannot be emptied
            if guess.is_personal and guess.category:
                found.append((guess.category, guess))
            elif reach and guess.kind is Kind.AMOUNT and guess.column not in keys and _is_money(guess.column):
                found.append(("transaction", _money(guess)))
        return found

    def _anchors(self, table: Table, personal: set[str]) -> list[tuple[str, str]]:
        """Guess which column dates which event; one column for each event, the first that fits."""
        setting = self.survey.settings[table.name]
        dated = [c for c in table.columns if c.name not in personal and _may_date(c.name, c.kind)]
        found: dict[str, str] = {}
        for column in dated:
            event = _event(column.name, is_home=table.name in self.homes)
            if event:
                found.setdefault(event, column.name)
        times = [c.name for c in dated if c.kind in _TIMES and not _NO_EVENT & {*names.split(c.name)}]
        if not found and len(times) == 1:
            found["collected"] = times[0]
        if "collected" in found and (setting.messages or setting.tracking):
            found.setdefault("last.interaction", found["collected"])
        return sorted(found.items())

    def _warnings(self, table: Table) -> Iterator[str]:
        for overlap in self.survey.overlaps:
            if overlap.pair.table == table.name and overlap.pair.kind is not Kind.TECHNICAL_ID:
                pair = overlap.pair
                yield "    " + writing.comment(
                    f"copy: {overlap.share:.0%} of {overlap.sampled} values of {pair.column} are also in "
                    f"{pair.target}.{pair.target_column}"
                )
        if table.triggers:
            yield "    " + writing.comment(f"triggers fire here: {', '.join(table.triggers)}")
        if table.row_security:
            yield "    # row security: make sure that Troth's role sees every row"
        for said in self._shadows(table):
            yield "    " + writing.comment(said)

    def view_lines(self) -> list[str]:
        """Name the views: they show, or where materialised copy, what other tables hold."""
        views = [t for t in self.survey.catalog.tables.values() if t.kind is TableKind.VIEW]
        if self.survey.catalog.dialect == "sqlite" or not views:
            return []
        lines = [
            "  # Views are not drafted. One that is stored (materialised, foreign) is a copy: declare it."
        ]
        lines += ["  # A plain view holds nothing of its own: remove its `#`."]
        return lines + [f"  # - {writing.scalar(f'{self.store}.{view.name}')}" for view in views]

    def _shadows(self, table: Table) -> Iterator[str]:
        shadows = [t.name for t in self.survey.catalog.tables.values() if t.kind is TableKind.SHADOW]
        mine = [name for name in shadows if name.startswith(f"{table.name}_")]
        if table.kind is TableKind.VIRTUAL and mine:
            yield f"virtual table; its rows rest in {', '.join(mine)}"

    def _rest(self, table: Table, personal: set[str], reach: Reach | None, dated: set[str]) -> list[str]:
        """List what is left: columns that are neither personal, nor key, nor reference, nor anchor."""
        home = self.homes.get(table.name)
        verified = {i.verified for i in home.identities} if home else set()
        taken = personal | dated | verified | set(table.primary_key) | (reach.columns if reach else set())
        taken |= {column for key in table.foreign_keys for column in key.columns}
        return [name for name in table.column_names if name not in taken]

    def harmless_lines(self) -> list[str]:
        return [
            f"  - {writing.scalar(f'{self.store}.{table.name}')}"
            for table in self.tables()
            if not self.is_dataset(table)
        ]


def _note(guess: Guess) -> str:
    unsure = " — unsure, please look" if guess.confidence < UNSURE else ""
    return f"{guess.kind.value}, {guess.confidence:.2f}{unsure}: {'; '.join(guess.reasons)}"


def _money(guess: Guess) -> Guess:
    return Guess(
        table=guess.table,
        column=guess.column,
        kind=Kind.AMOUNT,
        confidence=PERSONAL_FROM,
        reasons=("what a person paid; by itself it identifies nobody",),
    )


def _is_money(column: str) -> bool:
    return bool(frozenset(names.split(column)) & _MONEY)


def _may_date(name: str, kind: ColumnKind) -> bool:
    if kind in _TIMES:
        return True
    return bool(frozenset(names.split(name)) & _DATED) and kind in (ColumnKind.TEXT, ColumnKind.INTEGER)


def _event(column: str, *, is_home: bool) -> str:
    parts = frozenset(names.split(column))
    if parts & _NO_EVENT:
        return ""
    fitting = (event for event, words in _EVENTS if parts & words and (is_home or event != "account.closed"))
    return next(fitting, "")
