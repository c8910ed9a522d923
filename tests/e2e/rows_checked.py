"""Count, for each example, how many rows of the list drawn from its text have a check now, by mechanism.

`python -m e2e.rows_checked FOLDER` in the folder of the tests prints the table; FOLDER has `promises/promises.csv`. A
row has a check when one of the promises that answer it is looked at; that alone does not make it kept.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from e2e.examples import Example
from troth.promises import checks, listing

SEEDS = ("janco", "smartjac", "jmark", "janus", "janusipm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a list, and whether a check looks at it."""

    id: str
    mechanism: str
    """The leading one."""
    kind: str
    checked: bool
    promised: bool
    """Some promise answers it; otherwise a finding does."""


def rows(seed: str, shared: Path) -> Iterator[Row]:
    """Yield the rows of one list."""
    example = Example(seed)
    policy = example.project.policy
    looked = {p.id: checks.looked_at(p, policy) for p in listing.promises(policy)}
    answers = {answer["row"]: answer["promise"].split() for answer in example.answers}
    with (shared / "promises" / "promises.csv").open() as file:
        for row in csv.DictReader(file):
            if row["id"] in answers:
                named = answers[row["id"]]
                yield Row(
                    id=row["id"],
                    mechanism=row["mechanism"].partition(";")[0].strip(),
                    kind=row["kind"],
                    checked=any(looked.get(name) for name in named),
                    promised=any(name in looked for name in named),
                )


def table(found: Mapping[str, list[Row]]) -> str:
    """Write the counts as a table: rows with a check of all rows, by mechanism and seed."""
    names = sorted({row.mechanism for each in found.values() for row in each})
    lines = [f"| mechanism | {' | '.join(found)} | all |", f"|{'---|' * (len(found) + 2)}"]
    for name in [*names, ""]:
        each = [[r for r in mine if name in ("", r.mechanism)] for mine in found.values()]
        cells = [f"{sum(r.checked for r in one)}/{len(one)}" for one in (*each, [*chain.from_iterable(each)])]
        lines.append(f"| {name or '**sum**'} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(table({seed: list(rows(seed, Path(sys.argv[1]))) for seed in SEEDS}) + "\n")
