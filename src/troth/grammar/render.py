"""Problems as people and machines read them: text with the line shown, JSON, and GitHub's annotations.

Pure functions; the command line chooses one and prints it. Secrets in source lines are covered.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from troth.codes import Severity
from troth.grammar import masks
from troth.problems import Problem, in_order
from troth.spans import Span

Sources = Mapping[str, Sequence[str]]
"""The lines of each file."""

LONGEST_LINE = 160
LONGEST_MASKED = 4000
"""How much of a line is searched for secrets round the place: far more than is shown."""
MOST_VALID = 20
ARGUMENTS = "<arguments>"
"""What stands for a file's name where identities were typed on the command line."""


def render_text(problems: Iterable[Problem], sources: Sources) -> str:
    """Show each problem with its place, the line itself and what to do; end with the totals."""
    ordered = in_order(problems)
    if not ordered:
        return "No faults, no findings.\n"
    parts = ["\n".join(_lines(problem, sources)) for problem in ordered]
    return "\n\n".join([*parts, summary(ordered)]) + "\n"


def summary(problems: Sequence[Problem]) -> str:
    """Count faults and findings in words."""
    count = sum(p.severity is Severity.FAULT for p in problems)
    return f"{_many(count, 'fault')}, {_many(len(problems) - count, 'finding')}."


def render_json(problems: Iterable[Problem]) -> str:
    """Write a JSON list, one object a problem, in the order of the text form."""
    return json.dumps([_object(p) for p in in_order(problems)], ensure_ascii=False, indent=2) + "\n"


def render_github(problems: Iterable[Problem]) -> str:
    """Write workflow commands that GitHub shows beside the lines of a pull request."""
    return "".join(f"{_command(problem)}\n" for problem in in_order(problems))


def _many(count: int, noun: str) -> str:
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"


def _lines(problem: Problem, sources: Sources) -> list[str]:
    place = f"{_place(problem.span)}: " if problem.span else ""
    lines = [f"{place}{problem.severity.value} {problem.code}: {problem.message}"]
    lines += _source(problem.span, sources) if problem.span else []
    details = (
        ("found", problem.found),
        ("valid", _valid(problem.valid)),
        ("nearest", problem.nearest),
        ("to do", problem.hint),
        ("see", problem.page),
    )
    return lines + [f"    {name + ':':9}{value}" for name, value in details if value]


def _place(span: Span) -> str:
    """Name a place; of the command line it is an argument, for that has no lines."""
    return f"argument {span.line}" if span.file == ARGUMENTS else str(span)


def _valid(valid: Sequence[str]) -> str:
    more = f", … {len(valid) - MOST_VALID} more" if len(valid) > MOST_VALID else ""
    return ", ".join(valid[:MOST_VALID]) + more


def _source(span: Span, sources: Sources) -> list[str]:
    lines = sources.get(span.file, ())
    if not 1 <= span.line <= len(lines):
        return []
    line = lines[span.line - 1]
    cut = max(0, min(span.column - 1, len(line)) - LONGEST_MASKED // 2)
    text = masks.line(line[cut : cut + LONGEST_MASKED]).replace("\t", " ")
    start = max(0, min(span.column - 1, len(line)) - LONGEST_LINE // 2)
    shown = text[start - cut : start - cut + LONGEST_LINE]
    column = span.column - 1 - start
    stop = span.end_column - 1 - start if span.end_line == span.line else len(shown)
    width = max(1, min(stop, len(shown)) - column)
    number = f"{span.line:5}"
    return [f"{number} | {shown}", f"{' ' * len(number)} | {' ' * column}{'^' * width}"]


def _object(problem: Problem) -> dict[str, object]:
    span = problem.span
    return {
        "code": problem.code,
        "severity": problem.severity.value,
        "message": problem.message,
        "file": span.file if span else None,
        "line": span.line if span else None,
        "column": span.column if span else None,
        "end-line": span.end_line if span else None,
        "end-column": span.end_column if span else None,
        "found": problem.found,
        "valid": list(problem.valid),
        "nearest": problem.nearest,
        "hint": problem.hint,
        "about": problem.about,
        "page": problem.page,
    }


def _command(problem: Problem) -> str:
    level = "error" if problem.severity is Severity.FAULT else "warning"
    span = problem.span
    where = [f"file={_property(span.file)}", f"line={span.line}", f"col={span.column}"] if span else []
    fields = ",".join([*where, f"title={_property(problem.code)}"])
    text = " ".join(part for part in (problem.message, problem.hint) if part)
    return f"::{level} {fields}::{_data(text)}"


def _data(text: str) -> str:
    """Escape as the runner's toolkit does (actions/toolkit, command.ts)."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
