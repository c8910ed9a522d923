"""What a detector looks at, and how it says what it found.

A detector is a function from `Given` to problems. It sees the policy, the data map, the published text where it
is at hand, and the date; it reads nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from troth.catalog.datamap import DataField, DataMap, Dataset
from troth.grammar.nodes import Path, Place
from troth.policy.model import Policy, Retention
from troth.policy.text.lock import Lock
from troth.policy.text.model import Sentence, Text
from troth.problems import Problem
from troth.spans import Span


class Say(NamedTuple):
    """The words of a finding."""

    message: str
    hint: str
    found: str = ""
    valid: tuple[str, ...] = ()
    nearest: str = ""


class Kept(NamedTuple):
    """One personal field of the data map and the rule that ends it."""

    dataset: str
    category: str
    field: DataField
    rule: str | None
    """The retention class (DESIGN: field `kept-as`, dataset `kept-as`, category); None where none exists."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """A project at a date, with its text where present."""

    policy: Policy
    datamap: DataMap
    places: Mapping[Path, Place]
    text: Text | None
    lock: Lock | None
    at: date

    def span(self, path: Path) -> Span | None:
        """Return where a key stands; the nearest key above it where it was left out."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places[path].key if path else None

    def finding(self, code: str, path: Path, say: Say, about: str = "") -> Problem:
        """Make a finding about a key of the project."""
        return self._problem(code, self.span(path), say, about or ".".join(map(str, path)))

    def remark(self, code: str, sentence: Sentence, say: Say) -> Problem:
        """Make a finding about a sentence of the text; it is named by its fingerprint."""
        return self._problem(code, sentence.span, say, sentence.fingerprint)

    def _problem(self, code: str, span: Span | None, say: Say, about: str) -> Problem:
        return Problem(
            code=code,
            message=say.message,
            span=span,
            found=say.found,
            valid=say.valid,
            nearest=say.nearest,
            hint=say.hint,
            about=about,
        )

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """The sentences of the text; none when it is not at hand."""
        return self.text.sentences if self.text else ()

    @property
    def mapped(self) -> bool:
        """Tell whether the data map says anything about datasets."""
        return bool(self.datamap.datasets)

    def claims(self, *laws: str) -> bool:
        """Tell whether the organisation claims one of these laws."""
        return any(law in self.policy.organisation.laws for law in laws)

    def kept(self) -> Iterator[Kept]:
        """Yield every personal field with the rule that ends it."""
        for name, dataset in self.datamap.datasets.items():
            for category, fields in dataset.fields.items():
                for field in fields:
                    yield Kept(name, category, field, self.rule_of(dataset, category, field))

    def rule_of(self, dataset: Dataset, category: str, field: DataField) -> str | None:
        """Name the rule that ends a field, or None where no rule does."""
        name = field.kept_as or dataset.kept_as or category
        return name if name in self.policy.retention else None


Find = Callable[[Given], Iterable[Problem]]
"""One detector."""


def end_in_words(rule: Retention) -> str:
    """Say when a rule ends, in the words of the language."""
    if rule.until:
        return f"until {rule.until}"
    if rule.at_most:
        return f"at most {rule.at_most} after {rule.after or '(no start)'}"
    if rule.for_ is None:
        return "without end"
    length = rule.for_ if isinstance(rule.for_, str) else rule.period or "by case"
    return f"{length} after {rule.after}" if rule.after else str(length)
