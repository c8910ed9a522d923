"""Joining predicates never changes what they mean: against plain truth, for every row there can be."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from troth.plan.predicates import (
    All,
    Always,
    Any,
    Exists,
    Filled,
    Not,
    Predicate,
    Staged,
    both,
    either,
    negate,
)
from troth.rights import logic

COLUMNS = "abc"
Row = dict[str, bool]
LEAVES = st.one_of(
    st.sampled_from([Filled(column=c) for c in COLUMNS]),
    st.just(Always()),
    st.sampled_from([Staged(entry=0, columns=(c,)) for c in COLUMNS]),
    st.sampled_from([Exists(dataset="app.t", match=(("a", "x"),), where=Filled(column=c)) for c in COLUMNS]),
)
PREDICATES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        inner.map(negate),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: both(*parts)),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: either(*parts)),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: All(of=tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Any(of=tuple(parts))),
    ),
    max_leaves=8,
)
NAMES = (*COLUMNS, *(f"there-{c}" for c in COLUMNS), *(f"mine-{c}" for c in COLUMNS))
ROWS = [
    row
    for values in product((False, True), repeat=len(NAMES))
    if all(row[c] or not row[f"mine-{c}"] for row in [dict(zip(NAMES, values, strict=True))] for c in COLUMNS)
    for row in [dict(zip(NAMES, values, strict=True))]
]
"""Every row there can be; what is empty is nobody's at hand."""


def holds(part: Predicate, row: Row) -> bool:
    """Tell whether a predicate holds of a row; `there-` says what the other dataset has, `mine-` who is at hand."""
    match part:
        case Filled(column=column):
            return row[column]
        case Staged(columns=(column,)):
            return row[f"mine-{column}"]
        case Exists(where=Filled(column=column)):
            return row[f"there-{column}"]
        case All(of=parts):
            return all(holds(each, row) for each in parts)
        case Any(of=parts):
            return any(holds(each, row) for each in parts)
        case Not(of=inner):
            return not holds(inner, row)
        case _:
            return True


@settings(max_examples=150, deadline=None)
@given(parts=st.lists(PREDICATES, min_size=1, max_size=3))
def test_meet_and_join(parts: list[Predicate]) -> None:
    """What all, or one, of several parts say is said, no more and no less."""
    meet, join = logic.meet(*parts), logic.join(*parts)
    for row in ROWS:
        assert holds(meet, row) == all(holds(part, row) for part in parts)
        assert holds(join, row) == any(holds(part, row) for part in parts)


@settings(max_examples=150, deadline=None)
@given(where=PREDICATES, gone=PREDICATES)
def test_beside_and_deny(where: Predicate, gone: Predicate) -> None:
    """Some rows without those that are gone are just these."""
    left, opposite = logic.beside(where, gone), logic.deny(gone)
    for row in ROWS:
        assert holds(left, row) == (holds(where, row) and not holds(gone, row))
        assert holds(opposite, row) == (not holds(gone, row))


@settings(max_examples=150, deadline=None)
@given(part=PREDICATES, given_=st.lists(PREDICATES, min_size=1, max_size=3))
def test_what_is_known_holds(part: Predicate, given_: list[Predicate]) -> None:
    """What is said to follow from some parts holds wherever they do."""
    if logic.known(part, given_):
        assert all(holds(part, row) for row in ROWS if all(holds(each, row) for each in given_))
