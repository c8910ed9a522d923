"""From a draft and the stores' answers to a frozen, hashed plan.

An answer is one line of a survey: which case, which state of each group, how many rows. Every row of a dataset is
in exactly one line, so the counts of a plan add up to the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import cast

from troth.catalog.datamap import DataMap
from troth.plan.draft import Case, Draft, Survey
from troth.plan.frozen import digest
from troth.plan.model import Basis, DeleteRows, Kept, Plan, Reason, Step, Tally, sealed
from troth.plan.world import World
from troth.policy.model import Policy

CURRENT, NEEDS, EXPIRED, NOT_STARTED, UNREADABLE = range(5)
"""States of one group of fields in a row, as surveys count them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One line of a survey's answer."""

    case: int
    """Index of the case."""
    states: tuple[int, ...]
    """State of each group."""
    rows: int
    oldest: tuple[str, ...]
    """Oldest date per group, ISO 8601; empty where the date stands elsewhere or is missing."""
    newest: tuple[str, ...]
    asked: tuple[bool, ...] = ()
    """Answer to each question of the survey."""


Answers = Mapping[str, tuple[Answer, ...]]
"""Answers by dataset."""


def rules(policy: Policy, datamap: DataMap) -> str:
    """Return the hash of what the files promise and say of stores; addresses, limits and labels are not of it."""
    left_out = {"stores": {"__all__": {"url", "work"}}, "datasets": {"__all__": {"label"}}}
    return digest(
        {
            "policy": policy.model_dump(mode="json", by_alias=True),
            "datamap": datamap.model_dump(mode="json", by_alias=True, exclude=left_out),
        }
    )


def basis(world: World) -> Basis:
    """Return the hashes of everything a plan follows from."""
    holds = [[hold.id, int(hold.rank), hold.review] for hold in world.facts.holds]
    facts = {"holds": holds, "layouts": dict(sorted(world.facts.layouts.items()))}
    return Basis(
        rules=rules(world.policy, world.datamap),
        structure=tuple((name, catalog.fingerprint) for name, catalog in sorted(world.catalogs.items())),
        facts=digest(facts),
        holds=tuple(hold.id for hold in world.facts.holds),
    )


def seal(world: World, draft: Draft, answers: Answers, *, simulation: bool) -> Plan:
    """Join the draft and the answers into a plan; the same inputs give the same hash."""
    numbers = _groups(draft)
    steps = (replace(step, planned=_planned(step, numbers, draft, answers)) for step in draft.steps)
    plan = Plan(
        organisation=world.policy.organisation.name,
        at=world.at.isoformat(),
        simulation=simulation,
        basis=basis(world),
        steps=_numbered(step for step in steps if _worth_doing(step)),
        kept=tuple(kept for survey in draft.surveys for kept in _kept(survey, answers[survey.dataset])),
        unproven=draft.unproven,
        table_rows=tuple((s.dataset, sum(a.rows for a in answers[s.dataset])) for s in draft.surveys),
        warnings=draft.warnings,
    )
    return sealed(plan)


def _numbered(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Number the steps that are left, so that a plan counts from 01 without gaps."""
    return tuple(
        replace(step, id=f"{number:02}-{step.id.partition('-')[2]}") for number, step in enumerate(steps, 1)
    )


def _worth_doing(step: Step) -> bool:
    return step.planned.rows > 0


def tally(
    survey: Survey, answers: Iterable[Answer], counts: Callable[[Case, Answer], bool], rule: str = ""
) -> Tally:
    """Add up the lines that count, with the oldest and newest date of one rule, or of all."""
    chosen = [a for a in answers if counts(survey.cases[a.case], a)]
    groups = [i for i, g in enumerate(survey.groups) if g.column and rule in ("", g.rule)]
    oldest = [a.oldest[i] for a in chosen for i in groups if a.oldest[i]]
    newest = [a.newest[i] for a in chosen for i in groups if a.newest[i]]
    return Tally(
        rows=sum(a.rows for a in chosen), oldest=min(oldest, default=""), newest=max(newest, default="")
    )


def _groups(draft: Draft) -> dict[str, int]:
    """Find the group each step works on, by step id; several steps may share one."""
    return {step.id: _group(step, draft) for step in draft.steps}


def _group(step: Step, draft: Draft) -> int:
    if isinstance(step, DeleteRows) or not step.rule:
        return -1
    columns = {change.column for change in step.changes}
    groups = draft.works[step.dataset].groups
    return next(
        i for i, g in enumerate(groups) if g.rule == step.rule and columns & {f.name for f in g.fields}
    )


def _planned(step: Step, numbers: Mapping[str, int], draft: Draft, answers: Answers) -> Tally:
    survey = next(s for s in draft.surveys if s.dataset == step.dataset)
    lines = answers[step.dataset]
    asked = next((i for i, q in enumerate(survey.questions) if q.step == step.id), None)
    index = numbers[step.id]
    if isinstance(step, DeleteRows):
        return tally(survey, lines, lambda case, _: case.fate == "delete")
    if not step.rule:
        fates = _LEFT if step.why == "unlink" else _LEFT - {"delete"}
        return tally(survey, lines, lambda c, a: c.fate in fates and asked is not None and a.asked[asked])
    work = draft.works[step.dataset]
    rank = survey.groups[index].rank
    fates = _LEFT if work.owned else _LEFT - {"delete"}
    weaker = {hold.id for hold, _ in work.holds if hold.rank >= rank}

    def counts(case: Case, answer: Answer) -> bool:
        open_ = case.fate in fates or (case.fate == "hold" and case.detail in weaker)
        chosen = asked is None or answer.asked[asked]
        return open_ and chosen and answer.states[index] == NEEDS

    return tally(survey, lines, counts, survey.groups[index].rule)


_LEFT = frozenset({"delete", "needed-by", "detach", "change", "stay"})
"""Cases in which nothing keeps a step from a row."""


_ELSEWHERE = frozenset({"other-controller", "unknown-controller", "delete"})


def _kept(survey: Survey, answers: tuple[Answer, ...]) -> list[Kept]:
    made = [*_kept_by_case(survey, answers), *_kept_by_date(survey, answers)]
    return [kept for kept in made if kept.tally.rows]


def _kept_by_case(survey: Survey, answers: tuple[Answer, ...]) -> Iterator[Kept]:
    promises = tuple(dict.fromkeys(p for g in survey.groups for p in g.promises))
    for number, case in enumerate(survey.cases):
        if case.fate in ("delete", "detach", "change", "stay"):
            continue
        reason = cast(Reason, case.fate)
        lines = [a for a in answers if a.case == number]
        yield Kept(
            dataset=survey.dataset,
            reason=reason,
            detail=case.detail or survey.dataset,
            promises=promises,
            tally=tally(survey, lines, lambda _case, _answer: True),
            review=case.review,
        )


def _kept_by_date(survey: Survey, answers: tuple[Answer, ...]) -> Iterator[Kept]:
    missing: tuple[tuple[int, Reason], ...] = ((NOT_STARTED, "not-started"), (UNREADABLE, "unreadable"))
    for index, group in enumerate(survey.groups):
        for state, reason in missing:
            lines = (a for a in answers if a.states[index] == state)
            rows = sum(a.rows for a in lines if survey.cases[a.case].fate not in _ELSEWHERE)
            yield Kept(
                dataset=survey.dataset,
                reason=reason,
                detail=group.rule,
                promises=group.promises,
                tally=Tally(rows=rows),
            )
