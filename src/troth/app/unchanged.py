"""What follows from a project's files and the structure of its stores alone, kept while both stay the same objects.

A worker does one person after the other under the same promises. `project.load` and `introspect.read` hand out the
very same object for as long as nothing of it was written; what is worked out from these is then the same too. Nothing
of a person is kept, and nothing that depends on the time of day.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from threading import Lock
from typing import Any, TypeVar, cast

MOST = 32
"""Results kept; the one that was not used for longest goes first."""
T = TypeVar("T")

_KNOWN: OrderedDict[tuple[Hashable, ...], tuple[tuple[object, ...], Any]] = OrderedDict()
"""With the objects themselves, so that no others can come by their numbers."""
_LOCK = Lock()


def kept(parts: Sequence[object], key: Hashable, make: Callable[[], T]) -> T:
    """Return what was made of some objects before, or make it now.

    Args:
        parts: Objects it is made of; each must be the very same one.
        key: All else it depends on, and what it is.
        make: Makes it; the result must not be changed afterwards.
    """
    whole = (key, *map(id, parts))
    with _LOCK:
        if whole in _KNOWN:
            _KNOWN.move_to_end(whole)
            return cast("T", _KNOWN[whole][1])
    made = make()
    with _LOCK:
        _KNOWN[whole] = (tuple(parts), made)
        while len(_KNOWN) > MOST:
            _KNOWN.popitem(last=False)
    return made
