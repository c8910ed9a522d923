"""The list of every problem code: what it is called, whether it is a fault or a finding, one line on it.

A code is stable once released. Each has a section of the same name in docs/reference/problems.md; a test
compares the two. Faults stop the files from being loaded (exit 2); findings are shown and may be accepted.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Severity(Enum):
    """How bad a problem is."""

    FAULT = "fault"
    """The files cannot be loaded."""
    FINDING = "finding"
    """They load; something is wrong or missing, and a promise may be unproven because of it."""


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of problem."""

    name: str
    severity: Severity
    title: str


def _faults(**titles: str) -> list[Code]:
    return [Code(name.replace("_", "-"), Severity.FAULT, title) for name, title in titles.items()]


def _findings(**titles: str) -> list[Code]:
    return [Code(name.replace("_", "-"), Severity.FINDING, title) for name, title in titles.items()]


FAULTS = _faults(
    unreadable_file="A file of the project cannot be read.",
    bad_encoding="A file is not UTF-8.",
    bad_yaml="The YAML itself cannot be parsed.",
    too_large="A file is larger, deeper or more repetitive than a policy can be.",
    duplicate_key="The same key stands twice in one mapping.",
    unknown_key="A key is not part of the language.",
    missing_key="A key that must be there is missing.",
    bad_value="A value is not of the kind its key takes.",
    bad_period="A period of time cannot be understood.",
    unknown_name="A name is used that nothing declares.",
    conflicting_keys="Keys stand together that exclude one another.",
    same_subject="Two kinds of people are rows of one dataset by the same key.",
    empty_text="The published text holds no sentence.",
    bad_fingerprint="A fingerprint is not written as one.",
    unknown_fingerprint="No sentence of the locked text has the fingerprint a rule cites.",
    ambiguous_fingerprint="Several sentences under different headings have the fingerprint a rule cites.",
    lock_damaged="The lock of a text is not as Troth wrote it.",
    bad_scope="What a hold is to cover cannot be read, or is not in the data map.",
    bad_condition="The condition of a hold cannot be read, or does not fit its dataset.",
    bad_plan="A file is no plan, or was changed after the plan was sealed.",
    bad_identity="An identity to look for cannot be read.",
    bad_event="The events of a clock cannot have happened so.",
    unknown_identity="An identity to look for is of a kind the data map does not have.",
    too_many_identities="More identities are given than are looked for at once.",
    bad_listing="A listing of backups, or an entry of it, cannot be read.",
    bad_template="A letter's template cannot be used.",
    missing_part="A letter lacks a part that it must have.",
    bad_hold="A hold lacks an owner or title, or its review lies in the past.",
    bad_recipient="Somebody data goes to cannot be entered as written.",
    bad_disclosure="A disclosure cannot have happened as written.",
    bad_choice="A choice of a person cannot have been made as written.",
    cannot_decide="A request cannot be decided as somebody wants it decided.",
    bad_proof="Proof of identity that may not be asked for, or cannot be used.",
)

FINDINGS = _findings(
    text_drifted="The published text is not the one that was locked.",
    text_absent="The published text is not here to be compared with its lock.",
    bad_reach="The way from a dataset to its subject cannot be read.",
    no_reach="No path leads from a dataset to a subject.",
    ambiguous_reach="More than one path leads from a dataset to a subject.",
    reach_across_stores="A reach leads into another store; its engine is not built yet.",
    unknown_column="The data map names a column the live schema does not have.",
    unknown_dataset="The data map names a dataset no live schema has.",
    no_retention_class="A personal field has no retention rule that ends it.",
    no_on_expiry="A dataset does not say what becomes of its rows once everything personal has expired.",
    no_anchor="A rule's event is dated by no column that a dataset can reach.",
    bad_anchor="A rule counts from a column that holds no date.",
    anchor_goes_first="The date another rule counts from would go before that rule has run out.",
    cannot_blank="A field cannot be emptied as the live schema stands.",
    cannot_delete="Rows of a dataset cannot be deleted as the live schema stands.",
    cannot_detach="A row cannot stay without its person, as the live schema stands.",
    timezone_missing="A dated column carries no time zone and none is declared.",
    mixed_dates="A column holds dates in more than one layout.",
    form_not_built="A rule is written in a form whose engine is not built yet.",
    trigger_fires="A trigger fires on what a plan would do.",
    no_transactions="A table's engine cannot take a change back, so nothing is planned in it.",
    no_key="A table has no key by which its rows can be addressed.",
    hold_unclear="A hold can no longer be read as it was meant.",
    undeclared_table="A table of the live store is in neither list of the data map.",
    undeclared_column="A column of the live store is declared neither as a field nor as harmless.",
)

LINT = _findings(
    acceptance_expired="An acceptance has run out: the finding counts again.",
    acceptance_unused="An acceptance matches no finding.",
    ambiguous_date="A date of the text can be read two ways.",
    approval_never_asked="Plans large enough to need a second person are refused already.",
    archive_for_business="An archive is kept for business reasons, or longer than what it archives.",
    backup_without_live_rule="Backups have an end and live data has none.",
    breach_without_authority="A breach rule leaves the authority out where a claimed law names it.",
    category_without_purpose="A category is collected and no purpose uses it.",
    category_without_retention="No retention rule ends a category.",
    children_without_age="The text speaks of children and gives no age.",
    claimed_law_gap="A claimed law asks for something the policy does not say.",
    class_without_category="A retention rule ends data that no category and no mapping names.",
    consent_by_use="The text takes use or acceptance for consent.",
    contradictory_adjective="The text calls one thing unique and anonymous at once.",
    disclosed_without_store="A recipient gets a category that no dataset holds.",
    duplicate_section="The text has two sections on one thing.",
    duty_without_purpose="A duty keeps data that no purpose resting on a duty uses.",
    end_is_event_to_remember="A rule ends with a choice whose proof goes with it.",
    erase_against_retention="Deletion is promised and a duty keeps the same data whole.",
    event_may_never_come="A rule waits for an event that may never come.",
    hidden_contact="A contact is no usable address.",
    implied_transfer_consent="The text takes the submission of data for agreement to a transfer.",
    minimal_record_unmapped="A part of a minimal record and its column do not both stand in the project.",
    never_erases="Deletion is promised and a rule keeps data with its person for ever.",
    open_ended_ground="The text rests on whatever the law permits.",
    open_ended_purpose="A purpose takes in everything.",
    overlapping_categories="Two categories cover the same thing.",
    own_interest_as_duty="A dispute or fraud is given as a duty.",
    processor_with_own_purpose="A processor has purposes of its own.",
    purpose_reads_uncollected="A purpose uses a category that is not listed as collected.",
    purpose_without_basis="A purpose has no legal basis.",
    rule_above_cap="A rule lasts longer than a cap over it.",
    rule_without_data="The data map applies a retention rule to nothing.",
    rule_without_end="A retention rule does not say when data ends.",
    rule_without_start="A retention rule has a period and no event it runs from.",
    sale_not_stated="A right against sale is offered and nothing says whether data is sold.",
    same_label="Two datasets are known to people by the same words.",
    store_without_location="A store does not say where its data rests.",
    third_party_source_without_notice="Data comes from a third party and nobody is told.",
    transfer_without_safeguard="A transfer rests on nothing, or on consent alone.",
    two_contact_domains="Privacy contacts lie on several domains.",
    two_ends="Data has two ends: its category's rule and the one it is kept as.",
    undeclared_collection="Data is held that the policy does not list as collected.",
    unequal_retention="One category ends at different times in two stores.",
    unknown_law="A claimed law has no law pack.",
    unresolved_reference="The text refers to a part that is not there.",
    unused_anchor="The data map dates an event that no rule uses.",
    version_without_date="The published text has no date.",
    weak_breach_promise="The text only says that people may be told of a breach.",
    whose_not_stated="Rows are about several people, and nothing says whose a field is.",
    withdrawal_without_consent="Withdrawal is offered without consent, or consent without withdrawal.",
    wrong_section_number="The text cites a section by a wrong number.",
)

ALL: dict[str, Code] = {code.name: code for code in [*FAULTS, *FINDINGS, *LINT]}
