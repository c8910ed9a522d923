"""By what people found in the stores are known again: keys, proven identities, and what somebody typed.

Journals and choices are asked with these. A key typed as `id:12` means the one kind of subject there is, so that
`id:12` and `customer/12` find the same entries.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from troth.app.people import Selected
from troth.catalog.datamap import DataMap
from troth.people import kinds, normal
from troth.people.kinds import Family
from troth.people.typed import Identity


def of(selected: Selected) -> tuple[Identity, ...]:
    """Return every identity by which the people selected are known."""
    datamap = selected.everywhere.project.datamap
    typed = canonical((one.identity for one in selected.asked), datamap)
    keys = (
        Identity(match=f"{row.subject}/", value=form)
        for row in selected.closure.found
        if len(row.key) == 1 and (form := normal.normal(Family.ACCOUNT, str(row.key[0])))
    )
    proven = (one for person in selected.manifest.people for one in person.identities)
    return tuple(dict.fromkeys((*typed, *keys, *canonical(proven, datamap))))


def canonical(identities: Iterable[Identity], datamap: DataMap) -> tuple[Identity, ...]:
    """Write `id:12` as the key of the one kind of subject there is; leave everything else as it is."""
    only = next(iter(datamap.subjects)) if len(datamap.subjects) == 1 else ""
    own = only and kinds.BY_KEY in datamap.subjects[only].identities
    if not only or own:
        return tuple(identities)
    return tuple(
        replace(one, match=f"{only}/") if one.match == kinds.match(kinds.BY_KEY) else one
        for one in identities
    )
