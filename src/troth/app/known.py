"""By what people found in the stores are known again: keys, proven identities, and what somebody typed.

Journals and choices are asked with these. A key typed as `id:12` means the one kind of subject there is, so that
`id:12` and `customer/12` find the same entries.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from troth.app.people import Selected
from troth.app.project import Project
from troth.catalog.datamap import DataMap
from troth.people import kinds, normal, places, typed
from troth.people.kinds import Family
from troth.people.manifest import Manifest
from troth.people.typed import Identity, Known, Line
from troth.problems import BadInput

REACHED = frozenset({Family.EMAIL, Family.PHONE})


def of(selected: Selected, *, claimed: bool = False) -> tuple[Identity, ...]:
    """Return every identity by which the people selected are known.

    Args:
        selected: The people.
        claimed: Addresses and phone numbers of their rows too that nobody verified: right where a use stops, for
            then nothing is given away; wrong where it begins.
    """
    datamap = selected.everywhere.project.datamap
    asked = canonical((one.identity for one in selected.asked), datamap)
    keys = (
        Identity(match=f"{row.subject}/", value=form)
        for row in selected.closure.found
        if len(row.key) == 1 and (form := normal.normal(Family.ACCOUNT, str(row.key[0])))
    )
    proven = (one for person in selected.manifest.people for one in person.identities)
    more = _claimed(selected.manifest) if claimed else ()
    return tuple(dict.fromkeys((*asked, *keys, *canonical(proven, datamap), *more)))


def _claimed(whom: Manifest) -> Iterator[Identity]:
    for entry in whom.entries:
        if entry.family in REACHED and len(entry.columns) == 1:
            for _, (value,) in whom.rows(entry.number):
                form = normal.normal(entry.family, str(value), entry.region)
                if form is not None:
                    yield Identity(match=kinds.match(entry.kind), value=form)


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


def typed_in(lines: Sequence[Line], datamap: DataMap, region: str = "") -> tuple[Identity, ...]:
    """Read identities by which people are known again: those of the data map, mail and telephone in any case.

    Raises:
        BadInput: with everything that cannot be read; no value is repeated.
    """
    declared = places.declared_kinds(datamap)
    valid = Known(
        kinds=tuple(dict.fromkeys((*declared, "email", "phone"))),
        subjects=tuple(datamap.subjects),
        region=region.upper() or places.region(datamap),
    )
    found, problems = typed.read(lines, valid)
    if problems:
        raise BadInput(problems)
    return canonical((one.identity for one in found), datamap)


def findable(lines: Iterable[Line], datamap: DataMap) -> tuple[Line, ...]:
    """Keep the lines stores can be asked for: their kind stands in the data map."""
    valid = Known(
        kinds=places.declared_kinds(datamap),
        subjects=tuple(datamap.subjects),
        region=places.region(datamap),
    )
    return tuple(line for line in lines if not typed.read([line], valid)[1])


def purposes(project: Project) -> tuple[str, ...]:
    """Return every purpose the project names: its own, those of database roles, and those with a marker."""
    found = dict.fromkeys(project.policy.purposes)
    for store in project.datamap.stores.values():
        found |= dict.fromkeys(purpose for named in store.roles.values() for purpose in named)
    for dataset in project.datamap.datasets.values():
        found |= dict.fromkeys(dataset.objected)
    return tuple(found)
