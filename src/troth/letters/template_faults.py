"""What can be wrong with an organisation's own template, as problems with line and column.

Jinja knows lines only; the column is where the name or tag it speaks of stands in that line. No value ever shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from jinja2 import TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError

from troth.letters.data import missing
from troth.letters.kinds import Kind
from troth.problems import BadInput, Problem, nearest
from troth.spans import Span

HINT = "Mend the template, or take the file away: then the letter Troth brings along is used."
_TAG = re.compile(r"\{[{%]")


def read(path: Path, name: str, most: int) -> str:
    """Read a template of the organisation.

    Raises:
        BadInput: when it is no text, too long, or holds signs no text has.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise BadInput([_problem("bad-encoding", "The template is not UTF-8.", name)]) from wrong
    except OSError as wrong:
        raise BadInput([_problem("unreadable-file", "The template cannot be read.", name)]) from wrong
    if len(text) > most:
        raise BadInput([_problem("bad-template", f"The template is longer than {most} signs.", name)])
    text = text.replace("\r\n", "\n")
    for number, line in enumerate(text.split("\n"), 1):
        column = next((at for at, sign in enumerate(line, 1) if ord(sign) < 32 and sign != "\t"), 0)
        if column:
            message = "A sign stands here that no text has."
            raise BadInput([_problem("bad-template", message, name, number, column)])
    return text


def syntax(wrong: TemplateSyntaxError, name: str, source: str) -> Problem:
    """Say what of a template cannot be read."""
    line = _line(source, wrong.lineno)
    quoted = re.search(r"'([^']+)'", wrong.message or "")
    column = line.find(quoted[1]) + 1 if quoted else 0
    if not column and (tag := _TAG.search(line)):
        column = tag.start() + 1
    return _problem(
        "bad-template", f"The template cannot be read: {wrong.message}", name, wrong.lineno, column
    )


def failed(wrong: Exception, name: str, source: str) -> Problem:
    """Say where a template that can be read cannot be worked out."""
    file, number = _place(wrong, name)
    said = "Something in this line cannot be worked out for this letter."
    if isinstance(wrong, UndefinedError):
        said = "This line asks for something that is not there."
    elif isinstance(wrong, SecurityError):
        said = "This line does something that letters may not do."
    tag = _TAG.search(_line(source, number)) if file == name else None
    return _problem("bad-template", said, file, number, tag.start() + 1 if tag else 1)


def absent(name: str, includer: str, source: str) -> Problem:
    """Say that an included template is nowhere."""
    number, column = _where(source, re.escape(name))
    return _problem("bad-template", "A template is included that is not there.", includer, number, column)


def unknown(names: Iterable[str], kind: Kind, name: str, source: str) -> list[Problem]:
    """Say which names the letter is not told."""
    problems = []
    for one in names:
        number, column = _where(source, rf"\b{re.escape(one)}\b")
        problem = Problem(
            code="unknown-name",
            message=f"A letter of the kind `{kind.name}` is not told this.",
            span=_span(name, number, column),
            found=one,
            valid=tuple(kind.known),
            nearest=nearest(one, kind.known),
            hint=HINT,
        )
        problems.append(problem)
    return problems


def silent(names: Iterable[str], kind: Kind, name: str) -> list[Problem]:
    """Say what a template leaves out though the letter must say it."""
    problems = []
    for one in names:
        lacking = missing(kind.name, one, kind.known[one].says)
        problems.append(
            Problem(
                code=lacking.code,
                message=lacking.message,
                span=_span(name, 1, 1),
                valid=(one,),
                hint=f"Put `{one}` into the template.",
            )
        )
    return problems


def _place(wrong: Exception, name: str) -> tuple[str, int]:
    """Return the template and line an error came from: the innermost that is one."""
    found, trace = (name, 1), wrong.__traceback__
    while trace:
        file = trace.tb_frame.f_code.co_filename
        if file.endswith(".txt.j2"):
            found = (file, trace.tb_lineno)
        trace = trace.tb_next
    return found


def _where(source: str, pattern: str) -> tuple[int, int]:
    """Return where a name first stands within a tag."""
    for number, line in enumerate(source.split("\n"), 1):
        tag = _TAG.search(line)
        found = re.compile(pattern).search(line, tag.start()) if tag else None
        if found:
            return number, found.start() + 1
    return 1, 1


def _line(source: str, number: int) -> str:
    lines = source.split("\n")
    return lines[number - 1] if 0 < number <= len(lines) else ""


def _span(name: str, line: int, column: int) -> Span:
    return Span(f"letters/{name}", max(line, 1), max(column, 1), max(line, 1), max(column, 1) + 1)


def _problem(code: str, message: str, name: str, line: int = 1, column: int = 1) -> Problem:
    return Problem(code=code, message=message, span=_span(name, line, column), hint=HINT)
