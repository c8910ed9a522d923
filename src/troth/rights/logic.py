"""Predicates joined without saying the same twice, so that statements stay short and use the indexes there are.

Pure. Only what follows from the shape of predicates is left out; what they mean is never changed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from troth.plan.predicates import (
    ALWAYS,
    NEVER,
    All,
    Always,
    Any,
    Exists,
    Filled,
    Not,
    Predicate,
    Staged,
    both,
    conjuncts,
    either,
    negate,
)


def meet(*parts: Predicate) -> Predicate:
    """Join parts that must all hold; never, where one is another's opposite."""
    found = dict.fromkeys(each for part in parts for each in conjuncts(part))
    facts = {**found, **_filled(found)}
    if any(_denied(part, facts) for part in found):
        return NEVER
    return both(*(part for part in found if not _implied(part, found)))


def beside(where: Predicate, gone: Predicate) -> Predicate:
    """Leave out of some rows those that are gone, knowing of both what they say."""
    given = dict.fromkeys(conjuncts(where))
    if gone == NEVER or meet(where, gone) == NEVER:
        return where
    rest = both(*(part for part in conjuncts(gone) if part not in given and not _implied(part, given)))
    return meet(where, deny(rest))


def deny(part: Predicate) -> Predicate:
    """Return the opposite; of parts that must all hold, one that does not."""
    return either(*(negate(each) for each in part.of)) if isinstance(part, All) else negate(part)


def join(*parts: Predicate) -> Predicate:
    """Join parts of which one is enough; always, where one is the opposite of the others."""
    flat = conjuncts(negate(either(*parts)))
    if any(negate(opposite) in flat for opposite in flat):
        return ALWAYS
    made = []
    for opposite in flat:
        part = negate(opposite)
        made.append(both(*(each for each in conjuncts(part) if each == part or each not in flat)))
    return either(*made)


def _filled(found: Iterable[Predicate]) -> dict[Predicate, None]:
    """Say that what is somebody's at hand is not empty."""
    return {Filled(column=c): None for part in found if isinstance(part, Staged) for c in part.columns}


def _implied(part: Predicate, given: dict[Predicate, None]) -> bool:
    """Tell whether one of several ways is known to hold."""
    return isinstance(part, Any) and any(each in given for each in part.of)


def _denied(part: Predicate, given: dict[Predicate, None]) -> bool:
    if isinstance(part, Any):
        return all(_denied(each, given) for each in part.of)
    return negate(part) in given


def known(part: Predicate, given: Collection[Predicate]) -> bool:
    """Tell whether a part must hold where others do, by their shape alone."""
    if part in given:
        return True
    match part:
        case Always():
            return True
        case All(of=parts) | Not(of=Any(of=parts)):
            return all(known(each if isinstance(part, All) else negate(each), given) for each in parts)
        case Any(of=parts):
            wider = (one for one in given if isinstance(one, Any))
            return any(known(each, given) for each in parts) or any({*w.of} <= {*parts} for w in wider)
        case Not(of=All(of=parts)):
            return any(known(negate(each), given) for each in parts)
        case Exists(dataset=dataset, match=match, where=where):
            return any(
                isinstance(one, Exists)
                and (one.dataset, one.match) == (dataset, match)
                and known(where, conjuncts(one.where))
                for one in given
            )
        case _:
            return False
