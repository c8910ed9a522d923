"""Rows become files: one folder for each person, in every format asked for, as the rows come in.

Knows which rows are whose and counts them; what may be shown is decided in `rights.export_rows`, how it is written in
`rights.export_json`, `export_csv` and `export_page`. Holds a few hundred bytes a person, and never a dataset.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from troth.app.export.files import Files, Spool
from troth.apply.people import Record
from troth.evidence.note import Signer
from troth.people.manifest import Manifest
from troth.rights import export_csv, export_json, export_manifest, export_page, export_schema
from troth.rights.export import Labels, Reason, Sheet
from troth.rights.export_made import Made
from troth.rights.export_manifest import Count, File, Folder
from troth.rights.export_page import MOST_ROWS, Section
from troth.rights.export_rows import Shaper, Shown
from troth.rights.export_text import AsText

Format = Literal["json", "csv", "html"]
DATA, PAGE, SCHEMA, TABLES = "data.json", "page.html", "schema.json", "csv"
AT_ONCE = 200
"""Rows of CSV written at a time."""
_BODY = ".page"


_NOTHING: Mapping[Reason, int] = {}


class _Counted(NamedTuple):
    """What is left of a dataset of one person once it is closed."""

    rows: int
    withheld: Mapping[Reason, int]


@dataclass(slots=True)
class _Block:
    """One dataset of one person."""

    rows: int = 0
    withheld: Mapping[Reason, int] = field(default_factory=lambda: _NOTHING)
    first: tuple[Shown, tuple[str, ...]] | None = None
    """The first row, until it is known whether it is the only one."""
    lines: list[list[object]] = field(default_factory=list)
    table: Spool | None = None


@dataclass(slots=True)
class _Person:
    """One person's folder."""

    folder: str
    data: Spool | None
    body: Spool | None
    blocks: dict[str, _Counted] = field(default_factory=dict)
    files: list[File] = field(default_factory=list)
    datasets: int = 0
    """Datasets with a row so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was written."""

    folders: tuple[Folder, ...]
    counts: tuple[Count, ...]
    own: tuple[File, ...]
    """Files beside the folders of people."""
    files: int
    bytes: int


class Folders:
    """Writes the folders of an export."""

    def __init__(
        self, files: Files, formats: tuple[Format, ...], labels: Labels, made: Made, people: Manifest
    ) -> None:
        self.files = files
        self.formats = formats
        self.labels = labels
        self.made = made
        self.manifest = people
        self.people: dict[int, _Person] = {}
        self.sheet: Sheet | None = None
        self.shaper: Shaper | None = None
        self.several = False
        self.straight = False
        """Rows of one person alone go from the database to the file as they are."""
        self.open: dict[int, _Block] = {}
        self.numbers = {name: number for number, name in enumerate(labels.sheets, 1)}
        self.head = export_json.head(made, labels)
        self.begin = ""
        self.schema = files.whole("", SCHEMA, export_schema.text()) if "json" in formats else None
        self.fields = export_csv.fields(labels) if "csv" in formats else ""

    def add(self, record: Record) -> None:
        """Take the next row; rows of one dataset come together."""
        if self.sheet is None or record.dataset != self.sheet.dataset:
            self._next(record.dataset)
        block = self.open.get(record.person) or self._opened(record.person)
        if self.straight and not record.shared and isinstance(record.values, AsText):
            self._line(self.people[record.person], block, record.values.text)
            return
        assert self.shaper is not None
        shown = self.shaper.shape(record)
        if shown.hidden is not None:
            block.withheld = {**block.withheld, shown.hidden: block.withheld.get(shown.hidden, 0) + 1}
            return
        self._write(self.people[record.person], block, shown, record.roles if self.several else ())

    def _next(self, dataset: str) -> None:
        self._end()
        self.sheet = self.labels.sheets[dataset]
        self.shaper = Shaper(self.sheet, self.manifest, self.labels.zone)
        self.several = len(self.sheet.roles) > 1
        self.straight = self.formats == ("json",) and self.shaper.straight and not self.several
        self.begin = export_json.sheet(self.sheet)

    def _opened(self, number: int) -> _Block:
        if number not in self.people:
            self._begun(number)
        block = self.open[number] = _Block()
        return block

    def _begun(self, number: int) -> None:
        folder = f"person-{number:04}"
        self.files.make(folder)
        data = self.files.spool(folder, DATA) if "json" in self.formats else None
        body = self.files.spool(folder, _BODY) if "html" in self.formats else None
        person = self.people[number] = _Person(folder=folder, data=data, body=body)
        if data is not None:
            data.write(self.head + export_json.person(number))
        if "csv" in self.formats:
            self.files.make(f"{folder}/{TABLES}")
            person.files.append(self._table(person, export_csv.FIELDS, self.fields))

    def _table(self, person: _Person, name: str, text: str) -> File:
        made = self.files.whole(f"{person.folder}/{TABLES}", name, text)
        return File(name=f"{TABLES}/{name}", sha256=made.sha256, bytes=made.bytes)

    def _write(self, person: _Person, block: _Block, shown: Shown, roles: tuple[str, ...]) -> None:
        assert self.sheet is not None
        self._line(person, block, export_json.row(shown, roles) if person.data is not None else "")
        if "csv" in self.formats:
            block.lines.append(export_csv.row(self.sheet, shown, roles))
            if len(block.lines) >= AT_ONCE:
                self._lines(person, block)
        if person.body is not None:
            self._page(person.body, block, shown, roles)

    def _line(self, person: _Person, block: _Block, text: str) -> None:
        """Count a row, and append it to the data."""
        block.rows += 1
        if block.rows > 1:
            if person.data is not None:
                person.data.write(",\n" + text)
            return
        if person.data is not None:
            person.data.write(("," if person.datasets else "") + self.begin + text)
        person.datasets += 1

    def _lines(self, person: _Person, block: _Block) -> None:
        assert self.sheet is not None
        if block.table is None:
            name = export_csv.file_name(self.numbers[self.sheet.dataset], self.sheet.dataset)
            block.table = self.files.spool(f"{person.folder}/{TABLES}", name)
            block.table.write(export_csv.header(self.sheet))
        block.table.write(export_csv.lines(block.lines))
        block.lines.clear()

    def _page(self, body: Spool, block: _Block, shown: Shown, roles: tuple[str, ...]) -> None:
        """Let the first row wait for a second: a single one is written line by line, several make a table."""
        assert self.sheet is not None
        number = self.numbers[self.sheet.dataset]
        if block.rows == 1:
            body.write(export_page.section(self.sheet, number, self.labels))
            block.first = (shown, roles)
            return
        if block.rows > MOST_ROWS:
            return
        text = export_page.row(self.sheet, shown, roles)
        if block.first is not None:
            text = export_page.table(self.sheet, number) + export_page.row(self.sheet, *block.first) + text
            block.first = None
        body.write(text)

    def _end(self) -> None:
        """Close the dataset at hand for everybody."""
        for number, block in self.open.items():
            assert self.sheet is not None
            person = self.people[number]
            person.blocks[self.sheet.dataset] = _Counted(block.rows, block.withheld)
            if person.data is not None and block.rows:
                person.data.write(export_json.SHEET_END)
            if block.lines:
                self._lines(person, block)
            if block.table is not None:
                made = block.table.close()
                person.files.append(File(name=f"{TABLES}/{made.name}", sha256=made.sha256, bytes=made.bytes))
                block.table = None
            if person.body is not None:
                self._page_end(person.body, block)
        self.open.clear()

    def _page_end(self, body: Spool, block: _Block) -> None:
        assert self.sheet is not None
        text = ""
        number = self.numbers[self.sheet.dataset]
        if not block.rows:
            text = export_page.section(self.sheet, number, self.labels)
        elif block.first is not None:
            text = export_page.single(self.sheet, *block.first)
            block.first = None
        else:
            text = export_page.TABLE_END
        csv = "csv" in self.formats
        whole = f"{TABLES}/{export_csv.file_name(number, self.sheet.dataset)}" if csv else DATA
        section = Section(sheet=self.sheet, rows=block.rows, withheld=block.withheld)
        body.write(text + export_page.closed(section, min(block.rows, MOST_ROWS), whole))

    def finish(self, asked: Mapping[int, tuple[int, ...]], signer: Signer) -> Written:
        """Close every folder with a signed manifest of its own."""
        self._end()
        begun = export_manifest.head(self.made, self.labels)
        folders = tuple(
            self._finished(begun, person.number, asked, signer) for person in self.manifest.people
        )
        made = [one for person in self.people.values() for one in person.files]
        return Written(
            folders=folders,
            counts=tuple(self._totals()),
            own=(self.schema,) if self.schema is not None else (),
            files=len(made),
            bytes=sum(one.bytes for one in made),
        )

    def _finished(
        self, begun: str, number: int, asked: Mapping[int, tuple[int, ...]], signer: Signer
    ) -> Folder:
        person = self.people.get(number)
        if person is None:
            return Folder(person=number, asked=asked.get(number, ()), name="", rows=0)
        if person.data is not None and self.schema is not None:
            person.data.write(export_json.tail(self._empty(person), _withheld(person)))
            person.files.append(person.data.close())
            person.files.append(self.files.link(person.folder, self.schema))
        if person.body is not None:
            person.files.append(self._page_whole(number, person, person.body))
        rows = sum(block.rows for block in person.blocks.values())
        found = Folder(person=number, asked=asked.get(number, ()), name=person.folder, rows=rows)
        if self.formats == ("json",):
            return replace(found, files=tuple(person.files))
        data = export_manifest.of_person(begun, number, self._counts(person), person.files)
        kept = self.files.whole(person.folder, export_manifest.MANIFEST, data)
        note = export_manifest.note(kept.sha256, self.made.at, signer)
        self.files.whole(person.folder, export_manifest.NOTE, note)
        return replace(found, manifest=kept.sha256)

    def _page_whole(self, number: int, person: _Person, body: Spool) -> File:
        sections = [
            Section(sheet=sheet, rows=block.rows, withheld=block.withheld)
            for name, sheet in self.labels.sheets.items()
            for block in [person.blocks.get(name, _NONE)]
        ]
        files = [one.name for one in person.files if one.name != SCHEMA]
        head = export_page.head(self.made, self.labels, number, sections)
        foot = export_page.foot(self.made, self.labels, sections, files)
        return self.files.whole(person.folder, PAGE, head + body.taken() + foot)

    def _empty(self, person: _Person) -> Iterator[str]:
        for name, sheet in self.labels.sheets.items():
            if sheet.hidden is None and not person.blocks.get(name, _NONE).rows:
                yield name

    def _counts(self, person: _Person) -> Iterator[Count]:
        for name, sheet in self.labels.sheets.items():
            block = person.blocks.get(name, _NONE)
            yield Count(dataset=name, rows=block.rows, withheld=block.withheld, left_out=sheet.hidden)

    def _totals(self) -> Iterator[Count]:
        for name, sheet in self.labels.sheets.items():
            blocks = [b for person in self.people.values() if (b := person.blocks.get(name))]
            withheld: dict[Reason, int] = {}
            for block in blocks:
                for reason, rows in block.withheld.items():
                    withheld[reason] = withheld.get(reason, 0) + rows
            rows = sum(block.rows for block in blocks)
            yield Count(dataset=name, rows=rows, withheld=withheld, left_out=sheet.hidden)


_NONE = _Counted(0, _NOTHING)


def _withheld(person: _Person) -> Mapping[tuple[str, Reason], int]:
    return {
        (name, reason): rows
        for name, block in person.blocks.items()
        for reason, rows in block.withheld.items()
    }
