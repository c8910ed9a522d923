"""The small language of a hold's condition: `app.orders: status = 'disputed' and total > 100`.

Text in, tree out; faults are Problems with line and column, and no literal is ever repeated in one, because it
may be personal. What the columns are, and which predicate comes of it, is `meaning`.

    condition  = dataset ":" either
    either     = both { "or" both }
    both       = part { "and" part }
    part       = "not" part | "(" either ")" | column test
    test       = ("=" | "!=" | "<" | "<=" | ">" | ">=") value | ["not"] "in" "(" value {"," value} ")"
               | "is" ["not"] "null"
    value      = 'text' | number | date (2024-05-23) | "true" | "false"
    column     = name | "quoted name"
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal, NoReturn, TypeAlias, cast

from troth.problems import BadInput, Problem
from troth.spans import Span

LONGEST = 10_000
DEEPEST = 50
MOST_VALUES = 1_000
FIRST_YEAR, LAST_YEAR = 1000, 9998
SOURCE = "condition"
"""What spans call the text; it comes from a terminal, a file or standard input."""

Value: TypeAlias = str | int | float | bool | date
Operator: TypeAlias = Literal["=", "!=", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A column compared with a value."""

    column: str
    operator: Operator
    value: Value
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """A column that is one of some values."""

    column: str
    values: tuple[Value, ...]
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Emptiness:
    """A column that holds nothing."""

    column: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Every:
    """All parts hold."""

    of: tuple[Tree, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Some:
    """At least one part holds."""

    of: tuple[Tree, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opposite:
    """The part does not hold."""

    of: Tree


Tree: TypeAlias = Comparison | Membership | Emptiness | Every | Some | Opposite


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A dataset and what must hold for a row of it."""

    dataset: str
    text: str
    """The part after the colon, as written."""
    tree: Tree


def parse(text: str) -> Condition:
    """Read a whole condition, dataset first.

    Raises:
        BadInput: with a `bad-condition` that says where and what was expected.
    """
    if len(text) > LONGEST:
        _fault(Span(SOURCE), f"expected at most {LONGEST:,} characters, found {len(text):,}")
    head = re.match(r"\s*([A-Za-z_][\w$-]*(?:\.[\w$ -]*[\w$-])+)\s*:", text)
    if head is None:
        _fault(
            Span(SOURCE), "expected a dataset and a colon first, such as `app.orders: status = 'disputed'`"
        )
    parser = _Parser(_tokens(text, head.end()), text)
    return Condition(dataset=head[1], text=text[head.end() :].strip(), tree=parser.whole())


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    """`word`, `name` (quoted), `text`, `number`, `date`, `sign` or `end`."""
    text: str
    start: int
    end: int

    def is_word(self, word: str) -> bool:
        return self.kind == "word" and self.text.lower() == word


_TOKEN = re.compile(
    r"""(?P<space>\s+)
    | (?P<text>'(?:[^']|'')*')
    | (?P<name>"(?:[^"]|"")+")
    | (?P<date>\d{4}-\d{2}-\d{2}(?![\w.-]))
    | (?P<number>-?\d+(?:\.\d+)?(?![\w.]))
    | (?P<word>[A-Za-z_\u0080-\uffff][\w$]*)
    | (?P<sign><=|>=|!=|<>|[=<>(),])""",
    re.VERBOSE,
)


def _tokens(text: str, start: int) -> list[_Token]:
    found = []
    place = start
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            what = "a quote that is not closed" if text[place] in "'\"" else "a sign that has no meaning here"
            _fault(_span(text, place, place + 1), f"found {what}")
        if match.lastgroup != "space":
            found.append(_Token(cast(str, match.lastgroup), match[0], place, match.end()))
        place = match.end()
    return [*found, _Token("end", "", len(text), len(text))]


class _Parser:
    """Recursive descent over the tokens; depth is counted, so that no input exhausts the stack."""

    def __init__(self, tokens: list[_Token], text: str) -> None:
        self.tokens = tokens
        self.text = text
        self.place = 0
        self.depth = 0

    def whole(self) -> Tree:
        tree = self.either()
        if self.token.kind != "end":
            self.expected("`and`, `or` or the end")
        return tree

    def either(self) -> Tree:
        parts = [self.both()]
        while self.took("or"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Some(of=tuple(parts))

    def both(self) -> Tree:
        parts = [self.part()]
        while self.took("and"):
            parts.append(self.part())
        return parts[0] if len(parts) == 1 else Every(of=tuple(parts))

    def part(self) -> Tree:
        self.depth += 1
        if self.depth > DEEPEST:
            _fault(
                self.span(self.token), f"expected at most {DEEPEST} brackets and `not`s inside one another"
            )
        try:
            if self.took("not"):
                return Opposite(of=self.part())
            if self.took_sign("("):
                inner = self.either()
                self.need_sign(")")
                return inner
            return self.test()
        finally:
            self.depth -= 1

    def test(self) -> Tree:
        if self.token.kind not in ("word", "name"):
            self.expected("a column")
        first = self.next()
        column, span = _name(first), self.span(first)
        if self.took("is"):
            negated = self.took("not")
            if not self.took("null"):
                self.expected("`null`")
            empty = Emptiness(column=column, span=span)
            return Opposite(of=empty) if negated else empty
        if self.took("not"):
            if not self.token.is_word("in"):
                self.expected("`in` after `not`")
            return Opposite(of=self.membership(column, span))
        if self.token.is_word("in"):
            return self.membership(column, span)
        if self.token.text not in ("=", "!=", "<>", "<", "<=", ">", ">=") or self.token.kind != "sign":
            self.expected("=, !=, <, <=, >, >=, `in` or `is`")
        operator = cast(Operator, self.next().text.replace("<>", "!="))
        return Comparison(column=column, operator=operator, value=self.value(), span=span)

    def membership(self, column: str, span: Span) -> Tree:
        self.next()
        self.need_sign("(")
        values = [self.value()]
        while self.took_sign(","):
            values.append(self.value())
        if len(values) > MOST_VALUES:
            _fault(span, f"expected at most {MOST_VALUES:,} values, found {len(values):,}")
        self.need_sign(")")
        return Membership(column=column, values=tuple(values), span=span)

    def value(self) -> Value:
        if self.token.is_word("null"):
            self.expected("a value; to ask for NULL, write `is null`")
        if not (
            self.token.kind in ("text", "number", "date") or self.token.text.lower() in ("true", "false")
        ):
            self.expected("a value: 'text' in single quotes, a number, a date as YYYY-MM-DD, true or false")
        token = self.next()
        match token.kind:
            case "text":
                return token.text[1:-1].replace("''", "'")
            case "number":
                return float(token.text) if "." in token.text else int(token.text)
            case "date":
                return self.date(token)
        return token.text.lower() == "true"

    def date(self, token: _Token) -> date:
        try:
            day = date.fromisoformat(token.text)
        except ValueError:
            _fault(self.span(token), "found a date that is not in the calendar")
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            _fault(self.span(token), f"expected a year from {FIRST_YEAR} to {LAST_YEAR}")
        return day

    @property
    def token(self) -> _Token:
        return self.tokens[self.place]

    def next(self) -> _Token:
        token = self.token
        self.place += 1
        return token

    def took(self, word: str) -> bool:
        if self.token.is_word(word):
            self.place += 1
            return True
        return False

    def took_sign(self, sign: str) -> bool:
        if self.token.kind == "sign" and self.token.text == sign:
            self.place += 1
            return True
        return False

    def need_sign(self, sign: str) -> None:
        if not self.took_sign(sign):
            self.expected(f"`{sign}`")

    def expected(self, what: str) -> NoReturn:
        kinds = {"word": "a word", "name": "a name in double quotes", "end": "the end"}
        found = kinds.get(self.token.kind, f"a {self.token.kind}")
        _fault(self.span(self.token), f"expected {what}, found {found}")

    def span(self, token: _Token) -> Span:
        return _span(self.text, token.start, token.end)


def _name(token: _Token) -> str:
    return token.text[1:-1].replace('""', '"') if token.kind == "name" else token.text


def _span(text: str, start: int, end: int) -> Span:
    line = text.count("\n", 0, start) + 1
    column = start - text.rfind("\n", 0, start)
    return Span(SOURCE, line, column, line, column + max(end - start, 1))


def _fault(span: Span, what: str) -> NoReturn:
    raise BadInput(
        [
            Problem(
                code="bad-condition",
                message=f"The condition cannot be read: {what}.",
                span=span,
                hint="Write it as `app.orders: status = 'disputed' and total > 100`.",
            )
        ]
    )
