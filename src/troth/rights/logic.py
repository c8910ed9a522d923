"""Predicates joined without saying the same twice, so that statements stay short and use the indexes there are.

Pure. Only what follows from the shape of predicates is left out; what they mean is never changed.
"""

from __future__ import annotations

from troth.plan.predicates import NEVER, Any, Predicate, both, conjuncts, negate


def meet(*parts: Predicate) -> Predicate:
    """Join parts that must all hold; never, where one is another's opposite."""
    found = dict.fromkeys(each for part in parts for each in conjuncts(part))
    if any(_denied(part, found) for part in found):
        return NEVER
    return both(*(part for part in found if not _implied(part, found)))


def beside(where: Predicate, gone: Predicate) -> Predicate:
    """Leave out of some rows those that are gone, knowing of both what they say."""
    given = dict.fromkeys(conjuncts(where))
    if gone == NEVER or meet(where, gone) == NEVER:
        return where
    rest = both(*(part for part in conjuncts(gone) if part not in given and not _implied(part, given)))
    return meet(where, negate(rest))


def _implied(part: Predicate, given: dict[Predicate, None]) -> bool:
    """Tell whether one of several ways is known to hold."""
    return isinstance(part, Any) and any(each in given for each in part.of)


def _denied(part: Predicate, given: dict[Predicate, None]) -> bool:
    if isinstance(part, Any):
        return all(_denied(each, given) for each in part.of)
    return negate(part) in given
