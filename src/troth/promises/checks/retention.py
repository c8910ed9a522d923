"""A retention rule is kept when nothing of its class is past its end + act-within but on a listed ground.

Looks at every dataset with fields the rule ends, caps included. Rows past their end break it. Whatever could hide
such rows leaves it unproven: dates that are missing or cannot be read, undeclared tables and columns, stores not
looked at, rows without controller, rules whose engine is not built. Rows held for another controller do not count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from troth.catalog.datamap import DataField
from troth.plan.draft import Case, Survey
from troth.plan.predicates import NEVER
from troth.plan.seal import EXPIRED, NEEDS, NOT_STARTED, UNREADABLE, Answer
from troth.promises.given import Given
from troth.promises.instants import earliest
from troth.promises.listing import Promise
from troth.promises.results import Ground, Offence, Reason, Result, counted, decide

PAST = frozenset({NEEDS, EXPIRED})
EXCUSED = frozenset({"hold", "other-controller", "unknown-controller"})
WHOLE_ROW = frozenset({"delete", "detach"})
"""Every personal field of the row has outlived its rule, and the row, or its link to the person, still stands."""

BY_ROWS = frozenset({"cannot-blank"})
"""Findings of the planner that count once there are rows past their end."""

OF_DATASET = frozenset({"no-on-expiry", "cannot-delete", "anchor-goes-first"})
"""Findings of the planner that leave every rule of a dataset unproven."""


def check(promise: Promise, given: Given) -> Result:
    """Tell whether anything of a class has outlived its rule."""
    parts = [part for part in _parts(promise, given) if part.answers is not None]
    ends = _ends_something(promise, given)
    offences = [offence for part in parts for offence in part.offences()] if ends else []
    reasons = [
        *_nothing_ends(promise, given),
        *_not_counted(promise, given),
        *(reason for part in parts for reason in part.reasons()),
        *given.stores_seen,
    ]
    names = tuple(part.survey.dataset for part in parts)
    held = any(answer.rows for part in parts for answer in part.lines)
    return decide(
        promise,
        offences=offences,
        reasons=reasons,
        grounds=[ground for part in parts for ground in part.grounds()],
        looked_at=names,
        held=held,
        note=_note(parts) if held else "No row of this class is held",
    )


def _note(parts: list[_Part]) -> str:
    rows = sum(answer.rows for part in parts for answer in part.lines)
    where = counted(len(parts), "dataset")
    return f"{counted(rows, 'row')} in {where} looked at, nothing past its end"


def _ends_something(promise: Promise, given: Given) -> bool:
    rule = given.policy.retention[promise.key]
    return rule.for_ != "ever" or rule.without_person


def _nothing_ends(promise: Promise, given: Given) -> Iterator[Reason]:
    """Say that a rule without an end, or for records without their person, leaves something to prove."""
    rule = given.policy.retention[promise.key]
    if rule.for_ == "ever" and not rule.without_person:
        yield Reason(code="nothing-ends", message="Kept for ever: that nothing is lost is not proven yet")
    elif rule.for_ == "ever" and rule.after is None:
        yield Reason(
            code="nothing-ends", message="Nothing says when the person goes: the rule has no `after`"
        )


def _not_counted(promise: Promise, given: Given) -> Iterator[Reason]:
    """Name mapped datasets of the class that no survey or no answer covers."""
    mapped = _mapped(promise, given)
    if not mapped:
        yield Reason(code="not-mapped", message="No field of the data map is kept by this rule")
    for dataset in mapped:
        if dataset.partition(".")[0] in given.world.catalogs and dataset not in given.answers:
            table = given.world.table(dataset)
            what = "is in no live schema" if table is None else f"is a {table.kind.value} and was not counted"
            yield Reason(code="not-measured", message=f"{dataset} {what}")


def _mapped(promise: Promise, given: Given) -> list[str]:
    """Name the datasets with a field this rule ends, whether or not a live table stands behind them."""
    rules = given.policy.retention
    cap = rules[promise.key]
    over = {promise.key, *(cap.over or rules if cap.at_most and cap.for_ is None else ())}
    return [
        name
        for name, dataset in given.datamap.datasets.items()
        if any(
            (field.kept_as or dataset.kept_as or category) in over
            for category, fields in dataset.fields.items()
            for field in fields
        )
    ]


def _parts(promise: Promise, given: Given) -> Iterator[_Part]:
    for survey in given.draft.surveys:
        chosen = tuple(i for i, group in enumerate(survey.groups) if promise.id in group.promises)
        if chosen:
            answers = given.answers.get(survey.dataset)
            yield _Part(promise=promise, given=given, survey=survey, groups=chosen, answers=answers)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One dataset, as far as one rule ends it."""

    promise: Promise
    given: Given
    survey: Survey
    groups: tuple[int, ...]
    answers: tuple[Answer, ...] | None

    @property
    def lines(self) -> tuple[Answer, ...]:
        return self.answers or ()

    def case(self, answer: Answer) -> Case:
        return self.survey.cases[answer.case]

    def states(self, answer: Answer) -> frozenset[int]:
        return frozenset(answer.states[index] for index in self.groups)

    def count(self, counts: Callable[[Case, Answer], bool]) -> int:
        return sum(answer.rows for answer in self.lines if counts(self.case(answer), answer))

    def offences(self) -> Iterator[Offence]:
        stuck = {i for i in self.groups for field in self.fields(i) if self._surely_there(field)}
        bad = [answer for answer in self.lines if self._offends(answer, stuck)]
        dates = (answer.oldest[i] for answer in bad for i in self.groups if answer.states[i] in PAST)
        oldest = earliest(dates, self._layouts())
        yield Offence(dataset=self.survey.dataset, rows=sum(a.rows for a in bad), oldest=oldest)

    def _offends(self, answer: Answer, stuck: Iterable[int]) -> bool:
        case = self.case(answer)
        if case.fate == "hold":
            return any(answer.states[i] == NEEDS and case.detail in self._weaker(i) for i in self.groups)
        if case.fate in EXCUSED:
            return False
        if case.fate in WHOLE_ROW or NEEDS in self.states(answer):
            return True
        return any(answer.states[index] in PAST for index in stuck)

    def _weaker(self, index: int) -> frozenset[str]:
        """Name the holds that the end of these fields outranks: an opt-out beats an interest of one's own."""
        holds = self.given.draft.works[self.survey.dataset].holds
        rank = self.survey.groups[index].rank
        return frozenset(hold.id for hold, _ in holds if hold.rank >= rank)

    def fields(self, index: int) -> tuple[DataField, ...]:
        return self.given.draft.works[self.survey.dataset].groups[index].fields

    def _layouts(self) -> tuple[str, ...]:
        columns = (self.survey.groups[index].column for index in self.groups)
        layouts = self.given.world.facts.layouts
        return tuple(layouts.get(f"{self.survey.dataset}.{column}", "") for column in columns)

    def _surely_there(self, field: DataField) -> bool:
        """Tell whether a field cannot be emptied and may not be empty: then every row still holds it."""
        table = self.given.world.table(self.survey.dataset)
        column = table.column(field.name) if table else None
        return bool(self._problems(field)) and column is not None and not column.nullable

    def _problems(self, field: DataField) -> list[str]:
        about = f"{self.survey.dataset}.{field.name}"
        codes = ("cannot-blank", "unknown-column")
        return [p.message for p in self.given.draft.problems if p.about == about and p.code in codes]

    def grounds(self) -> Iterator[Ground]:
        for number, case in enumerate(self.survey.cases):
            if case.fate not in ("hold", "needed-by", "other-controller"):
                continue
            excused = [a for a in self.lines if a.case == number and PAST & self.states(a)]
            rows = sum(a.rows for a in excused if not self._offends(a, ()))
            yield Ground(
                reason=case.fate,
                detail=case.detail,
                dataset=self.survey.dataset,
                rows=rows,
                review=case.review,
            )

    def reasons(self) -> Iterator[Reason]:
        yield from self._of_rules()
        yield from self._of_findings()
        yield from self._of_rows()
        yield from self._of_fields()
        table = self.given.world.table(self.survey.dataset)
        if table is not None and table.rows_hidden:
            message = f"{self.survey.dataset} has row security: the role that looks may not see every row"
            yield Reason(code="rows-hidden", message=message)

    def _of_rules(self) -> Iterator[Reason]:
        name = self.survey.dataset
        work = self.given.draft.works[name]
        groups = [work.groups[index].unproven for index in self.groups]
        for index in self.groups:
            group = work.groups[index]
            if group.unproven:
                yield Reason(code=group.code, message=f"{name}: {group.unproven}")
            elif self.survey.groups[index].expired == NEVER and _ends_something(self.promise, self.given):
                yield Reason(code="nothing-ends", message=f"{name}: no row could ever count as past its end")
        for unproven in self.given.draft.unproven:
            here = unproven.dataset == name and unproven.promise == self.promise.id
            if here and unproven.code not in BY_ROWS and unproven.message not in groups:
                yield Reason(code=unproven.code, message=f"{name}: {unproven.message}")

    def _of_findings(self) -> Iterator[Reason]:
        name = self.survey.dataset
        for problem in self.given.draft.problems:
            here = problem.about == name or problem.about.rpartition(".")[0] == name
            if here and problem.code in OF_DATASET:
                yield Reason(code=problem.code, message=problem.message)

    def _of_rows(self) -> Iterator[Reason]:
        name = self.survey.dataset
        rows = self.count(lambda case, _: case.fate == "unknown-controller")
        yield from _some("unknown-controller", rows, f"in {name} do not say for whom they are held")

        def counts(state: int) -> int:
            skipped = ("other-controller", "delete")
            return self.count(lambda c, a: c.fate not in skipped and state in self.states(a))

        yield from _some("not-started", counts(NOT_STARTED), f"in {name} without a date to count from")
        yield from _some("unreadable-dates", counts(UNREADABLE), f"in {name} with a date that cannot be read")

    def _of_fields(self) -> Iterator[Reason]:
        """Name fields that stay on rows past their end: none may, but where the record has lost its person."""
        dataset = self.given.world.dataset(self.survey.dataset)
        spared = set(dataset.minimal_record.values())
        for index in self.groups:
            rows = self.count(lambda c, a, i=index: c.fate not in EXCUSED and a.states[i] in PAST)  # type: ignore[misc]
            for field in self.fields(index) if rows else ():
                place = f"{self.survey.dataset}.{field.name}"
                for message in self._problems(field):
                    yield Reason(code="cannot-blank", message=message, rows=rows)
                loose = dataset.on_expiry == "keep-without-person" or field.name in spared
                if field.on_expiry == "keep" and not loose:
                    yield from _some("kept-on-expiry", rows, f"past their end keep {place}")


def _some(code: str, rows: int, what: str) -> Iterator[Reason]:
    if rows:
        yield Reason(code=code, message=f"{counted(rows, 'row')} {what}", rows=rows)
