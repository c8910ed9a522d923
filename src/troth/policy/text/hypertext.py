"""Read HTML into passages: everything a visitor can see, nothing of what is hidden.

Left out: scripts, styles, templates, comments, `<noscript>`, the head (its title is kept as the title of a
text without h1), elements hidden by attribute, by `aria-hidden` or by an inline style. Style sheets are not
applied. Navigation and footers stay: a promise may stand there. The standard library's parser does the
reading and mends broken markup.
"""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

from troth.policy.text import titles
from troth.policy.text.model import Block
from troth.policy.text.passages import DEEPEST, Document, Passage, says_something

_VOID = titles.wordlist("area base br col embed hr img input link meta param source track wbr")
_UNSEEN = titles.wordlist("script style template noscript head svg math iframe object")
_INLINE = titles.wordlist(
    "a abbr acronym b bdi bdo big button cite code data del dfn em font i img input ins kbd label mark q s samp "
    "small span strike strong sub sup time tt u var wbr"
)
_CELLS = frozenset({"td", "th"})
_LISTS = frozenset({"ul", "ol", "dl", "menu"})
_ITEMS = frozenset({"li", "dd"})
_BOLD = frozenset({"b", "strong"})
_HEADING = re.compile(r"h[1-6]\Z")
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_BOLD_LEVEL = 7
_OPENING = re.compile(r"<(?:!(?:--)?|\?)")
_DECLARATION = re.compile(r"<(?:[!?]|(script|style)\b)", re.I)
_SCRIPT_END = {name: re.compile(rf"</{name}", re.I) for name in ("script", "style")}
_NOT_LINE_END = re.compile(r"[^\r\n]")


def read(source: str) -> Document:
    """Cut an HTML page into passages."""
    reader = _Reader(source)
    last = source.rfind(">") + 1
    reader.feed(_without_declarations(source[:last]))
    reader.close()
    reader.add(source[last:], last)
    reader.flush()
    passages = reader.passages
    tops = [n for n, each in enumerate(passages) if each.block is Block.HEADING and each.level == 1]
    if len(tops) == 1 and not any(each.block is Block.HEADING for each in passages[: tops[0]]):
        top = passages[tops[0]]
        passages[tops[0]] = Passage(block=top.block, text=top.text, marks=top.marks)
        return Document(passages=tuple(passages), markup=())
    return Document(passages=tuple(passages), markup=(), title=" ".join(reader.page_title.split()))


def _without_declarations(source: str) -> str:
    """Blank out comments, declarations and processing instructions, keeping every offset and line.

    The standard parser takes time quadratic in the number of comments that are never closed. Of those only
    the mark is blanked, so that no words are lost. Scripts and styles are left as they are.
    """
    kept: list[str] = []
    at = 0
    while found := _DECLARATION.search(source, at):
        begin = found.start()
        end = _end_of(source, found)
        if end < 0:
            kept.append(source[at:begin])
            rest = source[begin:] if found.group(1) else _OPENING.sub(_blank, source[begin:])
            return "".join([*kept, rest])
        whole = source[begin:end]
        kept += [source[at:begin], whole if found.group(1) else _NOT_LINE_END.sub(" ", whole)]
        at = end
    return "".join([*kept, source[at:]])


def _blank(mark: re.Match[str]) -> str:
    return " " * len(mark.group())


def _end_of(source: str, found: re.Match[str]) -> int:
    """Return the offset behind a declaration or a script, -1 when it does not end."""
    if found.group(1):
        close = _SCRIPT_END[found.group(1).lower()].search(source, found.end())
        return close.start() if close else -1
    mark = "-->" if source.startswith("<!--", found.start()) else ">"
    end = source.find(mark, found.end())
    return end + len(mark) if end >= 0 else -1


Attributes = list[tuple[str, str | None]]


class _Reader(HTMLParser):
    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=False)
        self.passages: list[Passage] = []
        self.page_title = ""
        self._starts = [0, *(match.end() for match in re.finditer("\n", source))]
        self._size = len(source)
        self._unseen: list[str] = []
        self._in_title = False
        self._block, self._level = Block.PARAGRAPH, 0
        self._pieces: list[tuple[str, int]] = []
        self._cells: list[list[tuple[str, int]]] | None = None
        self._row_is_header = True
        self._lists = 0
        self._tables = 0
        self._has_header = False
        self._bold = 0
        self._light = False
        self._breaks = 0

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        """Enter an element."""
        self._in_title = tag == "title" and not self.page_title
        if self._unseen:
            if tag == self._unseen[0]:
                self._unseen.append(tag)
        elif tag in _UNSEEN or _is_hidden(attrs):
            self._unseen = [tag] if tag not in _VOID else []
        elif tag in _BOLD:
            self._bold += 1
        elif tag == "br":
            self._line_break()
        elif tag not in _INLINE:
            self._enter(tag)

    def handle_startendtag(self, tag: str, attrs: Attributes) -> None:
        """Take `<p/>` as browsers do: as a start."""
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        if tag == "title":
            self._in_title = False
        if self._unseen:
            if tag == self._unseen[0]:
                self._unseen.pop()
        elif tag in _BOLD:
            self._bold = max(0, self._bold - 1)
        elif tag not in _INLINE and tag not in _VOID:
            self._leave(tag)

    def handle_data(self, data: str) -> None:
        """Take in text."""
        self._take(data)

    def handle_entityref(self, name: str) -> None:
        """Take in a named character."""
        self._take(html.unescape(f"&{name};"))

    def handle_charref(self, name: str) -> None:
        """Take in a numbered character."""
        self._take(html.unescape(f"&#{name};"))

    def _take(self, text: str) -> None:
        line, column = self.getpos()
        self.add(text, min(self._starts[min(line, len(self._starts)) - 1] + column, self._size - 1))

    def add(self, text: str, offset: int) -> None:
        """Take in text that stands at an offset of the source."""
        if self._in_title:
            self.page_title += text
        if self._in_title or self._unseen or not text:
            return
        if says_something(text):
            self._breaks = 0
            self._light = self._light or not self._bold
        into = self._cells[-1] if self._cells else self._pieces
        into.append((text, offset))

    def _line_break(self) -> None:
        self._breaks += 1
        if self._breaks > 1 and self._cells is None:
            self.flush()
        else:
            self._take(" ")

    def _enter(self, tag: str) -> None:
        if self._cells is not None and tag not in {"tr", "table"}:
            if tag in _CELLS:
                self._cells.append([])
                self._row_is_header = self._row_is_header and tag == "th"
            elif self._cells:
                self._take(" ")
            return
        self.flush()
        if tag in _LISTS:
            self._lists = min(self._lists + 1, DEEPEST)
        elif tag in _ITEMS:
            self._block, self._level = Block.LIST_ITEM, max(self._lists, 1)
        elif _HEADING.match(tag):
            self._block, self._level = Block.HEADING, int(tag[1])
        elif tag == "table":
            self._tables += 1
            self._has_header = False
        elif tag == "tr":
            self._cells, self._row_is_header = [], True

    def _leave(self, tag: str) -> None:
        if self._cells is not None and tag not in {"tr", "table", "thead", "tbody"}:
            if self._cells:
                self._take(" ")
            return
        self.flush()
        if tag in _LISTS:
            self._lists = max(0, self._lists - 1)
        if tag in _LISTS and self._lists:
            self._block, self._level = Block.LIST_ITEM, self._lists
        elif tag in _ITEMS or tag in _LISTS or _HEADING.match(tag):
            self._block, self._level = Block.PARAGRAPH, 0

    def flush(self) -> None:
        """Close the passage being read."""
        if self._cells is not None:
            self._flush_row(self._cells)
        elif says_something(text := "".join(piece for piece, _ in self._pieces)):
            block, level = self._block, self._level
            line = " ".join(text.split())
            if block is Block.PARAGRAPH and not self._light and titles.look(line.rstrip(":")):
                block, level = Block.HEADING, _BOLD_LEVEL
            self.passages.append(_passage(block, level, self._pieces, ()))
        self._pieces, self._cells, self._light, self._breaks = [], None, False, 0

    def _flush_row(self, cells: list[list[tuple[str, int]]]) -> None:
        texts = [" ".join("".join(piece for piece, _ in cell).split()) for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        pieces = [piece for cell in cells for piece in cell]
        if not says_something("".join(texts)):
            return
        header = self._row_is_header and not self._has_header
        self._has_header = self._has_header or header
        block = Block.TABLE_HEADER if header else Block.TABLE_ROW
        self.passages.append(_passage(block, self._tables, pieces, tuple(texts)))


def _is_hidden(attrs: Attributes) -> bool:
    said = dict(attrs)
    if "hidden" in said or said.get("aria-hidden") == "true":
        return True
    return bool(_HIDING.search(said.get("style") or ""))


def _passage(block: Block, level: int, pieces: list[tuple[str, int]], cells: tuple[str, ...]) -> Passage:
    marks, position = [], 0
    for text, offset in pieces:
        marks.append((position, offset, len(text)))
        position += len(text)
    return Passage(
        block=block,
        text="".join(text for text, _ in pieces),
        marks=tuple(marks),
        level=level,
        cells=cells,
    )
