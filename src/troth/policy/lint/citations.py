"""What rules cite against the lock of the text: a fingerprint that means nothing there is a fault."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from troth.grammar.nodes import Path
from troth.policy import promises
from troth.policy.lint.given import Given
from troth.policy.text import reference
from troth.problems import Problem


def find(given: Given) -> Iterator[Problem]:
    """Yield a fault for each citation that means no sentence, or several different ones."""
    if given.lock is None:
        return
    count = Counter(entry.fingerprint for entry in given.lock.entries)
    for path, cited in cites(given):
        if count[cited] == 1:
            continue
        place = given.places.get(path) or given.places.get(path[:-1])
        problem = reference.problem(given.lock, cited, place.value if place else None)
        if problem is not None:
            yield problem


def cites(given: Given) -> Iterator[tuple[Path, str]]:
    """Yield each citation of the project with its place."""
    for listed in promises.each(given.policy):
        for index, cited in enumerate(listed.promise.says):
            yield (*listed.path, "says", index), cited
    if given.policy.rights is not None:
        for right, said in given.policy.rights.sentences.items():
            for index, cited in enumerate(said):
                yield ("rights", "sentences", right, index), cited
    for index, cited in enumerate(given.policy.wording_only):
        yield ("wording-only", index), cited
