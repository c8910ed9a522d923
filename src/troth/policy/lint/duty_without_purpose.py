"""A duty keeps data for which no purpose that rests on a duty reads it: the purpose forgot a category."""

from __future__ import annotations

from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.problems import Problem


def find(given: Given) -> Iterator[Problem]:
    """Yield one finding for each rule and category, once some purpose rests on a legal obligation."""
    bound = [p for p in given.policy.purposes.values() if p.basis == "legal-obligation"]
    read = {category for purpose in bound for category in purpose.uses}
    told: set[tuple[str, str]] = set()
    for kept in given.kept() if bound else ():
        rule = given.policy.retention.get(kept.rule or "")
        if rule is None or not rule.because or kept.category in read:
            continue
        if (kept.rule or "", kept.category) not in told:
            told.add((kept.rule or "", kept.category))
            say = Say(
                f"`{kept.rule}` keeps `{kept.category}` data because of {rule.because}, "
                "and no purpose that rests on a legal obligation uses it.",
                f"Add `{kept.category}` to the `uses` of that purpose.",
            )
            about = f"retention.{kept.rule}.{kept.category}"
            yield given.finding("duty-without-purpose", ("retention", kept.rule or ""), say, about)
