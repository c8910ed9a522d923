"""Contradictions found in five published policies, and the detector that finds each kind.

Each stands here whether its detector is built or not, so that `troth lint` can say what it does not look for.
Ids are stable: `X-`, a letter for the policy, a number. docs/reference/problems.md explains the findings.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Conflict:
    """One contradiction and what looks for it."""

    id: str
    detector: str
    """Name in the registry of detectors; empty when none is built."""
    not_built: str = ""
    """What is missing before it can be."""


BUILT = (
    Conflict("X-J2", "unresolved-reference"),
    Conflict("X-J3", "claimed-law"),
    Conflict("X-J5", "open-ended-purpose"),
    Conflict("X-S1", "consent-by-use"),
    Conflict("X-S4", "open-ground"),
    Conflict("X-S5", "undeclared-collection"),
    Conflict("X-S6", "store-without-location"),
    Conflict("X-S7", "backup-without-live"),
    Conflict("X-S8", "weak-breach"),
    Conflict("X-S9", "children-without-age"),
    Conflict("X-S10", "disclosed-without-store"),
    Conflict("X-S11", "version-without-date"),
    Conflict("X-M1", "rule-above-cap"),
    Conflict("X-M2", "processor-purposes"),
    Conflict("X-M3", "purpose-without-basis"),
    Conflict("X-M4", "wrong-section"),
    Conflict("X-M8", "unique-anonymous"),
    Conflict("X-M10", "unequal-stores"),
    Conflict("X-M13", "no-retention-class"),
    Conflict("X-M14", "open-rule"),
    Conflict("X-M15", "never-erases"),
    Conflict("X-M17", "hidden-contact"),
    Conflict("X-M18", "claimed-law"),
    Conflict("X-M21", "third-party-source"),
    Conflict("X-N1", "consent-by-use"),
    Conflict("X-N2", "duty-without-purpose"),
    Conflict("X-N4", "two-contacts"),
    Conflict("X-N6", "withdrawal"),
    Conflict("X-N9", "overlapping-categories"),
    Conflict("X-N12", "open-rule"),
    Conflict("X-N13", "ambiguous-date"),
    Conflict("X-P1", "claimed-law"),
    Conflict("X-P2", "business-archive"),
    Conflict("X-P3", "erase-against-retention"),
    Conflict("X-P4", "remembered-end"),
    Conflict("X-P5", "class-without-category"),
    Conflict("X-P6", "category-without-purpose"),
    Conflict("X-P7", "breach-without-authority"),
    Conflict("X-P8", "transfer-without-safeguard"),
    Conflict("X-P9", "duplicate-section"),
    Conflict("X-P10", "sale-not-stated"),
    Conflict("X-P11", "unique-anonymous"),
    Conflict("X-P12", "endless-wait"),
    Conflict("X-P13", "own-interest"),
    Conflict("X-P14", "unresolved-reference"),
    Conflict("X-P15", "duplicate-section"),
)

NOT_BUILT = (
    Conflict("X-J1", "", "needs the controls of the privacy centre: one button bound to several rights"),
    Conflict("X-J4", "", "needs accounts whose payer is known"),
    Conflict("X-J6", "", "needs the account classifier: one domain in two lists"),
    Conflict("X-J7", "", "needs kinds of customers, to ask for a children rule"),
    Conflict("X-J8", "", "needs defined terms: words used as names and defined nowhere"),
    Conflict("X-J9", "", "needs the choices: an opt-out that lives in a cookie only"),
    Conflict("X-S2", "", "needs message classes: one topic in two of them"),
    Conflict("X-S3", "", "needs the page scanner: hosts of analytics or advertising"),
    Conflict("X-S12", "", "needs notices: two channels without a rule which applies"),
    Conflict("X-M5", "", "needs declared facts, to hold them against where stores are"),
    Conflict("X-M6", "", "needs recipients' own purposes"),
    Conflict("X-M7", "", "needs consent modes by jurisdiction"),
    Conflict("X-M9", "", "needs scope exclusions and liabilities as rules"),
    Conflict("X-M11", "", "needs the cookie table: one purpose in two classes"),
    Conflict("X-M12", "", "needs signals and the answers to them"),
    Conflict("X-M16", "", "needs agreements: data held for others used for own purposes"),
    Conflict("X-M19", "", "needs notices of change by kind of person"),
    Conflict("X-M20", "", "needs access rules: an act without a reason that allows it"),
    Conflict("X-N3", "", "needs scope tests: residence and place of processing"),
    Conflict("X-N5", "", "needs rules by place: a stricter rule in one place only"),
    Conflict("X-N7", "", "needs law packs: a duty that is stronger than the stated basis"),
    Conflict("X-N8", "", "needs the deciding party of each dataset"),
    Conflict("X-N10", "", "needs the content scanner: special data in allowed categories"),
    Conflict("X-N11", "", "needs contracts: clauses held against kinds of recipients"),
)

ALL = {conflict.id: conflict for conflict in (*BUILT, *NOT_BUILT)}
"""Every contradiction, by id."""
