"""Read markdown into passages: the blocks of CommonMark and GitHub's tables, as far as policies use them.

Follows CommonMark 0.31 for headings, lists, quotes, rules, fences, comments and link definitions, with one
liberty: an indented line is never code. Markup inside a sentence is taken out by `clean`.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_left
from dataclasses import dataclass, field

from troth.policy.text import bars, titles
from troth.policy.text.listmarks import Mark, Nesting, mark_of
from troth.policy.text.model import Block
from troth.policy.text.passages import Document, Line, Passage, lines_of, passage, says_something

_ATX = re.compile(r"(#{1,6})(?:[ \t]+|$)")
_ATX_END = re.compile(r"[ \t]#+\Z")
_QUOTE = re.compile(r"(?:>[ \t]?)+")
_DEFINITION = re.compile(r"\[[^\]]{1,200}\]:\s*\S+")
_FENCE = re.compile(r"(`{3,}|~{3,})")
_ALL_BOLD = re.compile(r"(\*\*|__)([^*_]+)\1:?\Z")
_BOLD_LEVEL = 7

_LINK = re.compile(r"!?\[([^\[\]]{0,500})\](?:\([^()\s]{0,500}(?:\s+\"[^\"]{0,200}\")?\)|\[[^\[\]]{0,200}\])")
_AUTOLINK = re.compile(r"<([^\s<>]{1,500})>")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,500}>|<!--.{0,500}?-->")
_STARS = re.compile(r"(?<!\\)(?:\*+|`+|~~+)|(?<!\w)_+(?=\w)|(?<=[\w.,;:!?)])_+(?!\w)")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


def clean(text: str) -> str:
    """Take the markup out of a sentence: links become their words, emphasis and escapes go."""
    text = _LINK.sub(r"\1", _AUTOLINK.sub(_address, text))
    text = _ESCAPED.sub(r"\1", _STARS.sub("", _TAG.sub("", text)))
    return html.unescape(text).strip()


def _address(found: re.Match[str]) -> str:
    """Return the address of an autolink; a tag stays for others to remove."""
    return found.group(1) if "@" in found.group(1) or "://" in found.group(1) else found.group()


def read(source: str) -> Document:
    """Cut a markdown text into passages."""
    reader = _Reader(lines_of(source))
    reader.front_matter()
    while reader.at < len(reader.lines):
        reader.step()
    return Document(passages=tuple(_with_title(reader.passages)), markup=tuple(reader.markup), clean=clean)


@dataclass(slots=True)
class _Reader:
    lines: list[Line]
    at: int = 0
    passages: list[Passage] = field(default_factory=list)
    markup: list[tuple[int, int]] = field(default_factory=list)
    nesting: Nesting = field(default_factory=Nesting)
    item: tuple[int, int] | None = None
    """Of the item being read: the column its words begin at, and its depth."""
    tables: int = 0
    closed_at: list[int] = field(init=False)
    """The lines that end a comment."""

    def __post_init__(self) -> None:
        self.closed_at = [n for n, line in enumerate(self.lines) if "-->" in line.text]

    def front_matter(self) -> None:
        """Pass over YAML between two lines of dashes at the very beginning."""
        if not self.lines or self.lines[0].text != "---":
            return
        close = next((n for n, line in enumerate(self.lines[1:200], 1) if line.text in {"---", "..."}), None)
        if close is not None:
            while self.at <= close:
                self._skip()

    def step(self) -> None:
        """Read the next passage or piece of markup."""
        line = self._unquoted(self.lines[self.at])
        if not line.text:
            self.at += 1
        elif line.text.startswith("<!--"):
            self._comment()
        elif not says_something(line.text) or _DEFINITION.match(line.text) or _FENCE.match(line.text):
            self._skip()
        elif _ATX.match(line.text):
            self._atx(line)
        elif not self._table():
            self._words(line)

    def _words(self, line: Line) -> None:
        mark = mark_of(line)
        if mark and says_something(line.after(mark.width).text):
            self._item(line, mark)
            return
        if self.item and line.indent < min(self.item[0], 2):
            self.item = None
        lines = self._run(line)
        if self.item:
            self._add(Block.LIST_ITEM, lines, self.item[1])
        elif underline := self._underline():
            self._heading(lines, underline)
        elif (bold := _ALL_BOLD.match(line.text)) and len(lines) == 1 and titles.look(bold.group(2)):
            self._heading(lines, _BOLD_LEVEL)
        else:
            self._add(Block.PARAGRAPH, lines, 0)
            self.nesting.end()

    def _add(self, block: Block, lines: list[Line], level: int) -> None:
        self.passages.append(passage(block, lines, level=level))

    def _heading(self, lines: list[Line], level: int) -> None:
        self._add(Block.HEADING, lines, level)
        self.nesting.end()
        self.item = None

    def _atx(self, line: Line) -> None:
        marks = _ATX.match(line.text)
        width = marks.end() if marks else 0
        body = line.after(width)
        if close := _ATX_END.search(body.text):
            self.markup.append((body.start + close.start() + 1, body.end))
            body = Line(body.text[: close.start()].rstrip(), body.start, body.indent)
        self.markup.append((line.start, line.start + len(line.text[:width].rstrip())))
        if says_something(body.text):
            self._heading([body], len(line.text[:width].rstrip()))
        else:
            self.markup.append((body.start, body.end))
        self.at += 1

    def _item(self, line: Line, mark: Mark) -> None:
        self.markup.append((line.start, line.start + len(line.text[: mark.width].rstrip())))
        body = line.after(mark.width)
        self.item = (body.indent, self.nesting.depth(line.indent, mark.kind))
        self._add(Block.LIST_ITEM, self._run(body), self.item[1])

    def _run(self, first: Line) -> list[Line]:
        """Return a line and those that continue it lazily, and move behind them."""
        run = [first]
        self.at += 1
        while self.at < len(self.lines):
            line = self._peek()
            if not line.text or self._begins_block(line):
                break
            run.append(self._unquoted(self.lines[self.at]))
            self.at += 1
        return run

    def _begins_block(self, line: Line) -> bool:
        if not says_something(line.text) or _ATX.match(line.text) or _FENCE.match(line.text):
            return True
        return bool(mark_of(line)) or line.text.startswith("<!--") or self._table_at(self.at)

    def _underline(self) -> int:
        """Return the level of the heading whose underline stands here, and pass over it; 0 without one."""
        if self.at >= len(self.lines):
            return 0
        text = self.lines[self.at].text
        if not text or set(text) not in ({"="}, {"-"}):
            return 0
        self._skip()
        return 1 if text[0] == "=" else 2

    def _table_at(self, at: int) -> bool:
        line, below = self.lines[at], self.lines[at + 1] if at + 1 < len(self.lines) else None
        return below is not None and "|" in line.text and bars.is_rule(below.text)

    def _table(self) -> bool:
        if not self._table_at(self.at):
            return False
        self.tables += 1
        block = Block.TABLE_HEADER
        while self.at < len(self.lines) and "|" in (line := self.lines[self.at]).text:
            if says_something(line.text):
                cells = tuple(cell.replace(r"\|", "|") for cell in bars.cells_of(line.text))
                self.passages.append(passage(block, [line], level=self.tables, cells=cells))
                block = Block.TABLE_ROW
            else:
                self.markup.append((line.start, line.end))
            self.at += 1
        self.nesting.end()
        self.item = None
        return True

    def _comment(self) -> None:
        """Pass over a comment that begins a line, to the end of the line that closes it."""
        close = bisect_left(self.closed_at, self.at)
        last = self.closed_at[close] if close < len(self.closed_at) else self.at
        while self.at <= last:
            self._skip()

    def _skip(self) -> None:
        line = self.lines[self.at]
        if line.text:
            self.markup.append((line.start, line.end))
        self.at += 1

    def _peek(self) -> Line:
        line = self.lines[self.at]
        quote = _QUOTE.match(line.text)
        return line.after(quote.end()) if quote else line

    def _unquoted(self, line: Line) -> Line:
        """Return a line without quote marks, which are declared as markup."""
        inner = self._peek()
        if inner.start != line.start and inner.text and says_something(inner.text):
            self.markup.append((line.start, line.start + len(line.text[: inner.start - line.start].rstrip())))
            return inner
        return line


def _with_title(passages: list[Passage]) -> list[Passage]:
    """Take the only first-level heading for the title."""
    tops = [n for n, each in enumerate(passages) if each.block is Block.HEADING and each.level == 1]
    if len(tops) != 1 or any(each.block is Block.HEADING for each in passages[: tops[0]]):
        return passages
    top = passages[tops[0]]
    titled = Passage(block=top.block, text=top.text, marks=top.marks)
    return [*passages[: tops[0]], titled, *passages[tops[0] + 1 :]]
