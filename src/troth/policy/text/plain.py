"""Read plain text into passages: guess headings, lists, tables and wrapped lines from how the lines look.

A line is a passage of its own unless it plainly continues the one before: the text is wrapped at a width and
the line before was full, or it begins with a small letter, or the one before ends with a comma. Every
character that is not white space ends up in a passage or in the declared markup.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from troth.policy.text import bars, titles
from troth.policy.text.listmarks import Mark, Nesting, mark_of
from troth.policy.text.model import Block
from troth.policy.text.passages import Document, Line, Passage, lines_of, passage, says_something

_WIDEST_WRAPPED = 120
_FULL = 0.75
_AFTER_RULE_RANK = 15
_UNDERLINED_RANK = {"=": 5, "-": 12}
_ADDRESS_WIDTH = 60


def read(source: str) -> Document:
    """Cut a plain text into passages."""
    reader = _Reader(source)
    while reader.at < len(reader.lines):
        reader.step()
    return Document(passages=tuple(_with_title(reader.passages)), markup=tuple(reader.markup))


@dataclass(slots=True)
class _Reader:
    source: str
    lines: list[Line] = field(init=False)
    width: int = field(init=False)
    at: int = 0
    passages: list[Passage] = field(default_factory=list)
    markup: list[tuple[int, int]] = field(default_factory=list)
    nesting: Nesting = field(default_factory=Nesting)
    after_rule: bool = False
    tables: int = 0

    def __post_init__(self) -> None:
        self.lines = lines_of(self.source)
        self.width = _wrap_width(self.lines)

    def step(self) -> None:
        """Read the next passage, rule or blank line."""
        line = self.lines[self.at]
        if not line.text:
            self.at += 1
        elif self._table() or self._underlined():
            self.after_rule = False
        elif not says_something(line.text):
            self.markup.append((line.start, line.end))
            self.after_rule, self.at = True, self.at + 1
        else:
            self._words(line)
            self.after_rule = False

    def _words(self, line: Line) -> None:
        mark = mark_of(line)
        rank = None if mark and mark.is_bullet else self._heading_rank(line)
        if mark and rank is None:
            self._item(line, mark)
        elif rank is not None:
            self._add(Block.HEADING, [line], level=rank)
            self.at += 1
            self.nesting.end()
        elif not self._short_lines():
            self._add(Block.PARAGRAPH, self._run(line))
            self.nesting.end()

    def _add(self, block: Block, lines: list[Line], *, level: int = 0) -> None:
        self.passages.append(passage(block, lines, level=level))

    def _item(self, line: Line, mark: Mark) -> None:
        self.markup.append((line.start, line.start + len(line.text[: mark.width].rstrip())))
        depth = self.nesting.depth(line.indent, mark.kind)
        body = line.after(mark.width)
        if says_something(body.text):
            self._add(Block.LIST_ITEM, self._run(body, mark_indent=line.indent), level=depth)
        else:
            self.markup.append((body.start, body.end))
            self.at += 1

    def _run(self, first: Line, mark_indent: int | None = None) -> list[Line]:
        """Return a line and those that continue it, and move behind them."""
        run = [first]
        self.at += 1
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if not line.text or not self._continues(self.lines[self.at - 1], line, mark_indent):
                break
            run.append(line)
            self.at += 1
        return run

    def _continues(self, before: Line, line: Line, mark_indent: int | None) -> bool:
        if mark_of(line) or not says_something(line.text) or bars.is_header(self.lines, self.at):
            return False
        if mark_indent is not None and line.indent > mark_indent:
            return True
        full = len(before.text) + before.indent + 1 + len(line.text.split(None, 1)[0])
        if self.width and full > self.width * _FULL and len(before.text) > self.width // 3:
            return full > self.width or not titles.look(line.text)
        unended = before.text[-1] not in ".?!:;…"
        return before.text[-1] == "," or (unended and line.text[0].islower())

    def _heading_rank(self, line: Line) -> int | None:
        look = titles.look(line.text)
        following = self._next_words(self.at + 1)
        if look is None or following is None:
            return None
        if look.style is titles.Style.COLON and not self._stands_above_a_title(following):
            return None
        if look.depth and self._is_numbered_item():
            return None
        return _AFTER_RULE_RANK if self.after_rule and look.rank > _AFTER_RULE_RANK else look.rank

    def _stands_above_a_title(self, following: int) -> bool:
        line = self.lines[following]
        look = None if mark_of(line) else titles.look(line.text)
        return following > self.at + 1 and look is not None and look.style is not titles.Style.COLON

    def _is_numbered_item(self) -> bool:
        """Numbered lines directly one under the other are a list, not headings."""
        around = [self.lines[n].text for n in (self.at - 1, self.at + 1) if 0 <= n < len(self.lines)]
        return any(titles.is_numbered(text) for text in around)

    def _next_words(self, at: int) -> int | None:
        return next((n for n in range(at, len(self.lines)) if says_something(self.lines[n].text)), None)

    def _underlined(self) -> bool:
        below = self.lines[self.at + 1] if self.at + 1 < len(self.lines) else None
        line = self.lines[self.at]
        if below is None or len(below.text) < 3 or set(below.text) not in ({"="}, {"-"}):
            return False
        if not says_something(line.text) or len(line.text) > _WIDEST_WRAPPED or mark_of(line):
            return False
        self.markup.append((below.start, below.end))
        self._add(Block.HEADING, [line], level=_UNDERLINED_RANK[below.text[0]])
        self.at += 2
        self.nesting.end()
        return True

    def _table(self) -> bool:
        found = bars.read(self.lines, self.at, self.tables + 1)
        if found is None:
            return False
        rows, self.at = found
        self.passages += [row for row in rows if says_something(row.text)]
        self.markup += [(m[1], m[1] + m[2]) for r in rows if not says_something(r.text) for m in r.marks]
        self.tables += 1
        self.nesting.end()
        return True

    def _short_lines(self) -> bool:
        """Read short lines directly under a line that ends in a colon: an address, or items without marks.

        The last of them is left alone when a longer line follows directly: it is that line's heading.
        """
        last = self.passages[-1] if self.passages else None
        if last is None or last.block is not Block.PARAGRAPH or not last.text.endswith(":"):
            return False
        run = self._run_of_short_lines()
        if not run:
            return False
        self.at += len(run)
        if any(line.text.endswith(",") for line in run):
            self._add(Block.LIST_ITEM, run)
        else:
            for line in run:
                self._add(Block.LIST_ITEM, [line])
        return True

    def _run_of_short_lines(self) -> list[Line]:
        run: list[Line] = []
        if self.at and not self.lines[self.at - 1].text:
            return run
        for at in range(self.at, len(self.lines)):
            line = self.lines[at]
            if not line.text or len(line.text) > _ADDRESS_WIDTH or mark_of(line) or "|" in line.text:
                break
            if line.text[-1] in ".?!:" or not says_something(line.text):
                break
            run.append(line)
        behind = self.at + len(run)
        if run and behind < len(self.lines) and self.lines[behind].text and titles.look(run[-1].text):
            run.pop()
        return run


def _wrap_width(lines: list[Line]) -> int:
    """Return the width a text was wrapped at, 0 when it was not."""
    widths = sorted(len(line.text) + line.indent for line in lines if line.text)
    if not widths or widths[-1] > _WIDEST_WRAPPED:
        return 0
    full = [width for width in widths if width >= widths[-1] * _FULL]
    return widths[-1] if len(full) >= 3 and len(full) * 4 >= len(widths) else 0


def _with_title(passages: list[Passage]) -> list[Passage]:
    """Take the first heading for the title when nothing but a leftover stands before it."""
    first = next((n for n, p in enumerate(passages) if p.block is Block.HEADING), None)
    if first is None or titles.is_numbered(passages[first].text):
        return passages
    if any(not titles.LEFTOVERS.match(before.text) for before in passages[:first]):
        return passages
    return [*passages[:first], replace(passages[first], level=0), *passages[first + 1 :]]
