"""Passages → sentences with lead-ins, heading paths, fingerprints and kinds.

The same for every format. A list item continues the open sentence before its list; an item of an inner list
continues the outer item; a table row continues the header of its table.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from troth.policy.text import fingerprint, kinds, sentences
from troth.policy.text.model import Block, Format, Heading, Sentence, Text
from troth.policy.text.passages import Document, Passage, Ruler, says_something

_CELL_GLUE = " | "


def assemble(name: str, text_format: Format, source: str, document: Document) -> Text:
    """Make a text of the passages of a document."""
    builder = _Builder(document, Ruler(name, source))
    for each in document.passages:
        builder.take(each)
    done = builder.sentences
    return Text(
        name=name,
        format=text_format,
        title=document.title or next((h.text for h in builder.headings if h.level == 0), ""),
        headings=tuple(builder.headings),
        sentences=tuple(replace(s, leads=s.ordinal in builder.leading) for s in done),
        digest=_digest(builder.headings, done),
        markup=_outside([*builder.headings, *done], [*document.markup, *builder.markup]),
    )


def _digest(headings: list[Heading], found: list[Sentence]) -> str:
    forms = [(h.start, f"#{h.level} {fingerprint.form(h.text)}") for h in headings]
    forms += [(s.start, f"= {fingerprint.form(s.text, lead_in=s.lead_in)}") for s in found]
    return "sha256:" + fingerprint.digest("\n".join(form for _, form in sorted(forms)))


def _outside(found: list[Heading | Sentence], markup: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return the markup that lies outside all headings and sentences, without overlaps."""
    kept: list[tuple[int, int]] = []
    covered = 0
    taken = {(each.start, each.end) for each in found}
    for start, end in sorted([*markup, *taken], key=lambda piece: (piece[0], -piece[1])):
        if end > covered and (start, end) not in taken:
            kept.append((max(start, covered), end))
        covered = max(covered, end)
    return tuple(kept)


@dataclass(slots=True)
class _Builder:
    document: Document
    ruler: Ruler
    headings: list[Heading] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)
    leading: dict[int, str] = field(default_factory=dict)
    path: list[tuple[int, Heading]] = field(default_factory=list)
    before_list: Sentence | None = None
    items: list[tuple[int, Sentence]] = field(default_factory=list)
    header: tuple[int, Sentence] | None = None
    markup: list[tuple[int, int]] = field(default_factory=list)

    def take(self, each: Passage) -> None:
        """Add the heading or the sentences of one passage."""
        match each.block:
            case Block.HEADING:
                self._heading(each)
            case Block.LIST_ITEM:
                self._item(each)
            case Block.TABLE_HEADER | Block.TABLE_ROW:
                self._row(each)
            case Block.PARAGRAPH:
                self._paragraph(each)

    def _heading(self, each: Passage) -> None:
        self.before_list, self.items = None, []
        text = self._words_in(each, (0, len(each.text)), each.text)
        if not text:
            return
        while self.path and self.path[-1][0] >= each.level:
            self.path.pop()
        outer = tuple(heading.fingerprint for _, heading in self.path)
        start, end = each.place(0), each.place(len(each.text) - 1) + 1
        heading = Heading(
            fingerprint=fingerprint.fingerprint(text),
            text=text,
            level=len(outer) + 1 if each.level else 0,
            path=outer,
            span=self.ruler.span(start, end),
            start=start,
            end=end,
        )
        self.headings.append(heading)
        if each.level:
            self.path.append((each.level, heading))

    def _paragraph(self, each: Passage) -> None:
        self.items = []
        added = self._cut(each, None)
        self.before_list = added[-1] if added and sentences.is_open(added[-1].text) else None

    def _item(self, each: Passage) -> None:
        while self.items and self.items[-1][0] >= each.level:
            self.items.pop()
        leader = self.items[-1][1] if self.items else self.before_list
        if added := self._cut(each, leader):
            self.items.append((each.level, added[-1]))

    def _row(self, each: Passage) -> None:
        self.before_list, self.items = None, []
        if self.header and (each.block is Block.TABLE_HEADER or self.header[0] != each.level):
            self.header = None
        whole = 0, len(each.text)
        text = self._words_in(each, whole, _CELL_GLUE.join(each.cells))
        if not text:
            return
        added = self._sentence(each, whole, text, self.header and self.header[1])
        if each.block is Block.TABLE_HEADER:
            self.header = (each.level, added)

    def _cut(self, each: Passage, leader: Sentence | None) -> list[Sentence]:
        pieces = [
            (piece, self._words_in(each, piece, each.text[slice(*piece)]))
            for piece in sentences.cut(each.text)
        ]
        return [self._sentence(each, piece, text, leader) for piece, text in pieces if text]

    def _sentence(
        self, each: Passage, piece: tuple[int, int], text: str, leader: Sentence | None
    ) -> Sentence:
        lead_in = self._words_of(leader) if leader else ""
        start, end = each.place(piece[0]), each.place(piece[1] - 1) + 1
        path = tuple(heading for _, heading in self.path)
        sentence = Sentence(
            fingerprint=fingerprint.fingerprint(text, lead_in=lead_in),
            text=text,
            lead_in=lead_in,
            heading_path=path,
            kind_guess=kinds.guess(text, lead_in=lead_in, headings=tuple(heading.text for heading in path)),
            span=self.ruler.span(start, end),
            block=each.block,
            ordinal=len(self.sentences) + 1,
            leads=False,
            start=start,
            end=end,
        )
        self.sentences.append(sentence)
        return sentence

    def _words_of(self, leader: Sentence) -> str:
        if leader.ordinal not in self.leading:
            self.leading[leader.ordinal] = f"{leader.lead_in} {leader.text}".strip()
        return self.leading[leader.ordinal]

    def _words_in(self, each: Passage, piece: tuple[int, int], raw: str) -> str:
        """Return a text without markup, on one line; a text of markup only is declared and returned empty."""
        text = " ".join(self.document.clean(raw).split())
        if says_something(text):
            return text
        self.markup.append((each.place(piece[0]), each.place(piece[1] - 1) + 1))
        return ""
