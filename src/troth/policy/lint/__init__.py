"""What loads, and still contradicts itself or leaves something open: one detector a module, run over a project.

`run` gives findings (and faults for citations that mean nothing) in order, less those someone accepted. A
detector is added as a module with `find`, a line in `DETECTORS`, codes, a section in docs/reference/problems.md
and a case file in tests/cases. Contradictions nothing looks for yet are listed in `conflicts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from troth.catalog.datamap import DataMap
from troth.grammar.nodes import Path, Place
from troth.policy.lint import (
    acceptance,
    ambiguous_date,
    backup_without_live,
    breach_without_authority,
    business_archive,
    category_without_purpose,
    category_without_retention,
    children_without_age,
    citations,
    claimed_law,
    class_without_category,
    consent_by_use,
    disclosed_without_store,
    duplicate_section,
    duty_without_purpose,
    endless_wait,
    erase_against_retention,
    hidden_contact,
    minimal_record,
    never_erases,
    no_anchor,
    no_on_expiry,
    no_retention_class,
    open_ended_purpose,
    open_ground,
    open_rule,
    overlapping_categories,
    own_interest,
    processor_purposes,
    purpose_reads_uncollected,
    purpose_without_basis,
    remembered_end,
    rule_above_cap,
    rule_without_data,
    sale_not_stated,
    same_label,
    store_without_location,
    third_party_source,
    transfer_without_safeguard,
    two_contacts,
    two_ends,
    undeclared_collection,
    unequal_stores,
    unique_anonymous,
    unreached_approval,
    unresolved_reference,
    unused_anchor,
    version_without_date,
    weak_breach,
    whose_not_stated,
    withdrawal,
    wrong_section,
)
from troth.policy.lint.acceptance import Sorted
from troth.policy.lint.conflicts import NOT_BUILT
from troth.policy.lint.given import Find, Given
from troth.policy.model import Policy
from troth.policy.text.lock import Lock
from troth.policy.text.model import Text
from troth.problems import Problem, in_order
from troth.spans import Span

__all__ = ["DETECTORS", "NOT_BUILT", "Detector", "Project", "outcome", "run"]


class Project(Protocol):
    """What the linter needs of a project as read."""

    @property
    def usable_policy(self) -> Policy | None:
        """What could be read of the promises."""

    @property
    def usable_datamap(self) -> DataMap | None:
        """What could be read of the data map."""

    @property
    def spans(self) -> Mapping[Path, Place]:
        """Place of each key and value."""

    @property
    def faulty(self) -> frozenset[Path]:
        """The blocks a fault stands in."""


@dataclass(frozen=True, slots=True)
class Detector:
    """One thing that is looked for."""

    name: str
    find: Find
    codes: tuple[str, ...]
    """The findings it makes."""
    text: bool = False
    """Whether it needs the published text."""


DETECTORS: tuple[Detector, ...] = (
    Detector("ambiguous-date", ambiguous_date.find, ("ambiguous-date",), text=True),
    Detector("backup-without-live", backup_without_live.find, ("backup-without-live-rule",)),
    Detector("breach-without-authority", breach_without_authority.find, ("breach-without-authority",)),
    Detector("business-archive", business_archive.find, ("archive-for-business",)),
    Detector("category-without-purpose", category_without_purpose.find, ("category-without-purpose",)),
    Detector("category-without-retention", category_without_retention.find, ("category-without-retention",)),
    Detector("children-without-age", children_without_age.find, ("children-without-age",), text=True),
    Detector("citations", citations.find, ()),
    Detector(
        "claimed-law",
        claimed_law.find,
        (
            "claimed-law-gap",
            "unknown-law",
        ),
    ),
    Detector("class-without-category", class_without_category.find, ("class-without-category",)),
    Detector(
        "consent-by-use",
        consent_by_use.find,
        (
            "consent-by-use",
            "implied-transfer-consent",
        ),
        text=True,
    ),
    Detector("disclosed-without-store", disclosed_without_store.find, ("disclosed-without-store",)),
    Detector("duplicate-section", duplicate_section.find, ("duplicate-section",), text=True),
    Detector("duty-without-purpose", duty_without_purpose.find, ("duty-without-purpose",)),
    Detector("endless-wait", endless_wait.find, ("event-may-never-come",)),
    Detector("erase-against-retention", erase_against_retention.find, ("erase-against-retention",)),
    Detector("hidden-contact", hidden_contact.find, ("hidden-contact",)),
    Detector("minimal-record", minimal_record.find, ("minimal-record-unmapped",)),
    Detector("never-erases", never_erases.find, ("never-erases",)),
    Detector("no-anchor", no_anchor.find, ("no-anchor",)),
    Detector("no-on-expiry", no_on_expiry.find, ("no-on-expiry",)),
    Detector("no-retention-class", no_retention_class.find, ("no-retention-class",)),
    Detector("open-ended-purpose", open_ended_purpose.find, ("open-ended-purpose",)),
    Detector("open-ground", open_ground.find, ("open-ended-ground",), text=True),
    Detector(
        "open-rule",
        open_rule.find,
        (
            "rule-without-end",
            "rule-without-start",
        ),
    ),
    Detector("overlapping-categories", overlapping_categories.find, ("overlapping-categories",)),
    Detector("own-interest", own_interest.find, ("own-interest-as-duty",)),
    Detector("processor-purposes", processor_purposes.find, ("processor-with-own-purpose",)),
    Detector("purpose-reads-uncollected", purpose_reads_uncollected.find, ("purpose-reads-uncollected",)),
    Detector("purpose-without-basis", purpose_without_basis.find, ("purpose-without-basis",)),
    Detector("remembered-end", remembered_end.find, ("end-is-event-to-remember",)),
    Detector("rule-above-cap", rule_above_cap.find, ("rule-above-cap",)),
    Detector("rule-without-data", rule_without_data.find, ("rule-without-data",)),
    Detector("sale-not-stated", sale_not_stated.find, ("sale-not-stated",)),
    Detector("same-label", same_label.find, ("same-label",)),
    Detector("store-without-location", store_without_location.find, ("store-without-location",)),
    Detector("third-party-source", third_party_source.find, ("third-party-source-without-notice",)),
    Detector("transfer-without-safeguard", transfer_without_safeguard.find, ("transfer-without-safeguard",)),
    Detector("two-contacts", two_contacts.find, ("two-contact-domains",)),
    Detector("two-ends", two_ends.find, ("two-ends",)),
    Detector("undeclared-collection", undeclared_collection.find, ("undeclared-collection",)),
    Detector("unequal-stores", unequal_stores.find, ("unequal-retention",)),
    Detector("unique-anonymous", unique_anonymous.find, ("contradictory-adjective",), text=True),
    Detector("unreached-approval", unreached_approval.find, ("approval-never-asked",)),
    Detector("unresolved-reference", unresolved_reference.find, ("unresolved-reference",), text=True),
    Detector("unused-anchor", unused_anchor.find, ("unused-anchor",)),
    Detector("version-without-date", version_without_date.find, ("version-without-date",)),
    Detector("weak-breach", weak_breach.find, ("weak-breach-promise",), text=True),
    Detector("whose-not-stated", whose_not_stated.find, ("whose-not-stated",)),
    Detector("withdrawal", withdrawal.find, ("withdrawal-without-consent",)),
    Detector("wrong-section", wrong_section.find, ("wrong-section-number",), text=True),
)
"""Every detector, in the order of its name."""


def run(project: Project, *, text: Text | None, lock: Lock | None, at: date) -> tuple[Problem, ...]:
    """Return what is wrong with a project though it loads, in order, less what someone accepted."""
    return in_order(outcome(project, text=text, lock=lock, at=at).open)


def outcome(project: Project, *, text: Text | None, lock: Lock | None, at: date) -> Sorted:
    """Return open and accepted findings; a project too faulty to look at has none."""
    policy, datamap = project.usable_policy, project.usable_datamap
    if policy is None or datamap is None:
        return Sorted(open=(), accepted=())
    given = Given(policy=policy, datamap=datamap, places=project.spans, text=text, lock=lock, at=at)
    looked = [detector for detector in DETECTORS if text is not None or not detector.text]
    found = [problem for detector in looked for problem in detector.find(given)]
    blocks = _spans(project)
    sound = [problem for problem in found if not any(_inside(problem.span, block) for block in blocks)]
    made = {code for detector in looked for code in detector.codes} if not project.faulty else set()
    return acceptance.sort(given, sound, made)


def _spans(project: Project) -> list[tuple[Span, Span]]:
    """Say from where to where each faulty block reaches: nothing is found in what was not read."""
    places = [project.spans[path] for path in project.faulty if path in project.spans]
    return [(place.key, place.value) for place in places]


def _inside(span: Span | None, block: tuple[Span, Span]) -> bool:
    start, end = block
    if span is None or span.file != start.file:
        return False
    here = (span.line, span.column)
    return (start.line, start.column) <= here < (end.end_line, end.end_column)
