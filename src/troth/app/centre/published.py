"""The published policy, sentence by sentence, with the rules that are taken from it; or the rules alone.

The text stands here only where its file is at hand. Whether a promise is kept comes from the last check of it, where
there was one. What is said of a rule in words is the room's business.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from troth.app import ledgers
from troth.app.project import Project
from troth.app.requests.steps import Place
from troth.policy import promises
from troth.policy.model import Policy, Promise
from troth.policy.text import lock as locks
from troth.policy.text import reference as references
from troth.policy.text.lock import Lock
from troth.policy.text.model import Block, Heading, Sentence, Text

At = tuple[str, tuple[str, ...]]
"""A sentence, by its fingerprint and those of its headings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One promise, as the project has it."""

    id: str
    block: str
    key: str
    """In its block; of a right, its name."""
    promise: Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A heading or a sentence of the text, and what is done about it."""

    text: str
    level: int = -1
    """Of a heading, from 0; -1 for a sentence."""
    item: bool = False
    """It stands in a list or a table."""
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The policy as the public reads it."""

    passages: tuple[Passage, ...]
    """Empty where the text is not at hand."""
    rules: tuple[Rule, ...]
    """Every rule where the text is not at hand, else those that no sentence of it makes."""
    sentences: int
    """Of the text, as its lock counts them; 0 where there is none."""
    version: date | None
    url: str
    """Where the text is published; empty where that is no address on the web, which nobody should be led to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What the last check said of a promise."""

    status: str
    on: datetime


def published(project: Project) -> Published:
    """Lay out the policy of a project; the very same again while its files stay as they are."""
    known = _KNOWN[0] if _KNOWN else None
    if known is not None and known[0] is project:
        return known[1]
    made = _published(project)
    _KNOWN[:] = [(project, made)]
    return made


_KNOWN: list[tuple[Project, Published]] = []


def kept(at: Place) -> dict[str, Kept]:
    """Return what the last check of each promise said; nothing where none was checked."""
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        found = ledger.promise_history.present()
    return {name: Kept(status=one.newest.status, on=one.newest.last) for name, one in found.items()}


def _published(project: Project) -> Published:
    policy, text = project.policy, project.text
    rules = tuple(_rules(policy))
    lock = locks.of(text) if text is not None else project.lock
    said = policy.published
    passages = tuple(_passages(text, _cited(policy, rules, locks.of(text)))) if text is not None else ()
    shown = {rule.id for one in passages for rule in one.rules}
    return Published(
        passages=passages,
        rules=tuple(rule for rule in rules if rule.id not in shown),
        sentences=len(lock.sentences) if lock else 0,
        version=said.version,
        url=said.url if said.url.lower().startswith(("https://", "http://")) else "",
    )


def _rules(policy: Policy) -> list[Rule]:
    found = []
    for listed in promises.each(policy):
        block, key = str(listed.path[0]), str(listed.path[-1])
        if block != "rights":
            found.append(Rule(id=listed.id, block=block, key=key, promise=listed.promise))
        elif policy.rights is not None:
            found += [
                Rule(id=f"{listed.id}.{right}", block=block, key=right, promise=policy.rights)
                for right in policy.rights.offer
            ]
    return found


def _cited(policy: Policy, rules: tuple[Rule, ...], lock: Lock) -> dict[At, dict[str, Rule]]:
    """Return the rules of each sentence; a right is cited by its own sentences, not by those of all rights."""
    cited: defaultdict[At, dict[str, Rule]] = defaultdict(dict)
    for rule in rules:
        of_right = (
            policy.rights.sentences.get(rule.key, ()) if rule.block == "rights" and policy.rights else ()
        )
        for reference in of_right if rule.block == "rights" else rule.promise.says:
            for entry in references.resolve(lock, reference).entries:
                cited[entry.fingerprint, entry.path][rule.id] = rule
    return cited


def _passages(text: Text, cited: dict[At, dict[str, Rule]]) -> list[Passage]:
    parts: list[Heading | Sentence] = sorted((*text.headings, *text.sentences), key=lambda one: one.start)
    return [_passage(one, cited) for one in parts]


def _passage(one: Heading | Sentence, cited: dict[At, dict[str, Rule]]) -> Passage:
    rules = tuple(cited.get((one.fingerprint, one.path), {}).values())
    if isinstance(one, Heading):
        return Passage(text=one.text, level=one.level, rules=rules)
    return Passage(text=one.text, item=one.block in {Block.LIST_ITEM, Block.TABLE_ROW}, rules=rules)
