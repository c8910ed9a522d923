"""The sections of the published text: which headings a promise's sentences stand under, and what they are called.

Read from the lock, which holds fingerprints and no word of the text. Where the text itself is at hand, headings and
sentences have their words; elsewhere a section has its number.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from troth.app.project import Project
from troth.policy.text import reference
from troth.policy.text.lock import Lock, LockedSentence
from troth.policy.text.model import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One heading of the text."""

    print: str
    name: str
    depth: int
    sentences: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """One sentence a promise is made by."""

    print: str
    section: str
    """Names of the headings above it, outermost first."""
    number: int
    """Its place among the sentences of the text; 0 where it is not found."""
    text: str = ""
    """Its words, where the text is at hand."""
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class Sections:
    """The sections of one project's text."""

    sections: tuple[Section, ...]
    lock: Lock | None
    text: Text | None

    def under(self, says: Iterable[str]) -> tuple[str, ...]:
        """Return the fingerprints of every heading above the sentences a promise cites."""
        found = (one for cited in says for one in self._sentences(cited))
        return tuple(dict.fromkeys(heading for sentence in found for heading in sentence.path))

    def cited(self, cited: str) -> Cited:
        """Return one cited sentence with its place."""
        sentence = next(iter(self._sentences(cited)), None)
        bare = cited.partition("@")[0]
        if sentence is None or self.lock is None:
            return Cited(print=bare, section="", number=0)
        names = {section.print: section.name for section in self.sections}
        words = {s.fingerprint: s.text for s in self.text.sentences} if self.text else {}
        return Cited(
            print=bare,
            section=" / ".join(names.get(heading, heading) for heading in sentence.path),
            number=self.lock.sentences.index(sentence) + 1,
            text=words.get(bare, ""),
            kind=sentence.kind.replace("-", " "),
        )

    def _sentences(self, cited: str) -> tuple[LockedSentence, ...]:
        if self.lock is None:
            return ()
        meant = reference.resolve(self.lock, cited).entries
        return tuple(entry for entry in meant if isinstance(entry, LockedSentence))


def of(project: Project) -> Sections:
    """Return the sections of a project's text; none where it was never pinned."""
    lock, text = project.lock, project.text
    if lock is None:
        return Sections(sections=(), lock=None, text=text)
    words = {heading.fingerprint: heading.text for heading in text.headings} if text else {}
    made, numbers = [], [0] * 10
    for heading in lock.headings:
        if heading.level < 1:
            continue
        numbers[heading.level :] = [numbers[heading.level] + 1, *[0] * (9 - heading.level)]
        number = ".".join(str(n) for n in numbers[1 : heading.level + 1])
        under = [s for s in lock.sentences if heading.fingerprint in s.path]
        name = words.get(heading.fingerprint) or f"Section {number}{_about(under)}"
        made.append(Section(print=heading.fingerprint, name=name, depth=heading.level, sentences=len(under)))
    return Sections(sections=tuple(made), lock=lock, text=text)


def _about(sentences: list[LockedSentence]) -> str:
    """Say what most sentences of a section are about, by what they were guessed to be."""
    kinds = [s.kind.partition("-")[0] for s in sentences if s.kind != "other"]
    return f" · {max(dict.fromkeys(kinds), key=kinds.count)}" if kinds else ""
