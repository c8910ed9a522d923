"""A field in rows of several people without a word of whose it is: it is shown to all of them, and stays for all."""

from __future__ import annotations

from collections.abc import Iterator

from troth.catalog import roles
from troth.catalog.datamap import EVERYONE
from troth.policy.lint.given import Given, Say
from troth.problems import Problem


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding for each field without `of` where the ways of its dataset lead to people of several roles.

    A subject's own row is that subject's alone; a value by which a way leads to a person is that person's; of free
    text it is known what becomes of it, whoever wrote it.
    """
    homes = {subject.dataset for subject in given.datamap.subjects.values()}
    for name, dataset in given.datamap.datasets.items():
        named = roles.named(dataset)
        if len(named) < 2 or name in homes:
            continue
        clear = {*dataset.free_text, *roles.columns(dataset)}
        for category, fields in dataset.fields.items():
            for index, field in enumerate(fields):
                if field.of is None and field.name not in clear:
                    path = ("datasets", name, "fields", category, index)
                    about = ".".join(filter(None, (name, field.name, field.path)))
                    yield given.finding("whose-not-stated", path, _say(about, named), about)


def _say(about: str, named: tuple[str, ...]) -> Say:
    people = " and ".join((", ".join(named[:-1]), named[-1]))
    return Say(
        f"Rows of it are about {people}, and nothing says whose {about} is.",
        f"Write `of: {named[0]}` for the one it is about, or `of: {EVERYONE}` where it is theirs together.",
        valid=(*named, EVERYONE),
    )
