"""The worked dates of the shared vectors, each under its reading of the law."""

from __future__ import annotations

import csv
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from troth.laws import clock, shelf
from troth.laws.facts import PAIRS, Fact

NOW = datetime(2040, 1, 1, tzinfo=UTC)
LAWS = {
    "GDPR": "eu-gdpr",
    "UK_GDPR": "uk-gdpr",
    "UK_DPA2018": "uk-gdpr",
    "PECR_UK": "uk-pecr",
    "EPRIVACY_EU": "eu-eprivacy",
    "CCPA": "us-ca-ccpa",
    "CA_DELETE_ACT": "us-ca-delete-act",
    "CA_BREACH_1798.82": "us-ca-breach",
    "VCDPA": "us-va-vcdpa",
    "TDPSA": "us-tx-tdpsa",
    "CTDPA": "us-ct-ctdpa",
    "CPA_CO": "us-co-cpa",
    "OCPA": "us-or-ocpa",
    "PDPA_SG": "sg-pdpa",
    "PRIVACY_ACT_AU": "au-privacy",
    "CAN_SPAM": "us-can-spam",
    "COPPA": "us-coppa",
    "LGPD": "br-lgpd",
    "PIPEDA": "ca-pipeda",
    "QC_LAW25": "ca-qc-law25",
    "FADP_CH": "ch-fadp",
}
READINGS = {
    "mode=strict_text": "strict-text",
    "mode=edpb_suspension": "edpb-suspension",
    "mode=reg1182_outer_bound": "reg1182-outer-bound",
    "mode=ca_holiday_rollover": "ca-holiday-rollover",
    "mode=receipt_day_is_day_1": "receipt-day-is-day-1",
    "mode=also excludes 27 Nov": "also-excludes-27-november",
}
DAY = r"\d{4}-\d\d-\d\d"


def facts_of(received: datetime, modifiers: str) -> tuple[Fact, ...]:
    """Return the facts a row describes in words."""

    def on(day: str) -> datetime:
        return datetime.combine(date.fromisoformat(day), received.timetz()) + timedelta(hours=1)

    found = [Fact(kind="received", at=received)]
    for what, day in re.findall(rf"(ID|fee) (?:received|paid) ({DAY})", modifiers):
        ask, come = PAIRS["identity" if what == "ID" else "fee"]
        found += [Fact(kind=ask, at=received), Fact(kind=come, at=on(day))]
    for asked, answered in re.findall(rf"clarification asked ({DAY}); answered ({DAY})", modifiers):
        found.append(Fact(kind="clarification.asked", at=on(asked)))
        found.append(Fact(kind="clarification.answered", at=on(answered)))
    for day in re.findall(rf"clarification asked and answered ({DAY})", modifiers):
        found += [Fact(kind=kind, at=on(day)) for kind in PAIRS["clarification"]]
    if "without reasonable doubt" in modifiers:
        found.append(Fact(kind="identity.asked", at=received, justified=False))
    if "id pending 5 days" in modifiers:
        found.append(Fact(kind="identity.asked", at=received))
        found.append(Fact(kind="identity.received", at=received + timedelta(days=5)))
    for day in re.findall(r"cost told (\S+?);", modifiers):
        found.append(Fact(kind="cost.told", at=on(day)))
    if modifiers.startswith("extension"):
        found.append(Fact(kind="extension.notice", at=received + timedelta(days=1)))
    return tuple(found)


def said(row: dict[str, str]) -> str:
    """Return what the clock says to a row, as the rows write it."""
    received = datetime.fromisoformat(row["received_at"])
    reading = next((name for words, name in READINGS.items() if words in row["modifiers"]), "")
    question = clock.Question(
        pack=shelf.load(LAWS[row["law"]]),
        event=row["event"],
        facts=facts_of(received, row["modifiers"]),
        place=row["jurisdiction/calendar"],
        reading=reading,
    )
    legal = clock.compute(question, NOW).legal
    words = {"at-once": "IMMEDIATE", "as-soon-as-possible": "ASAP", "none": "NONE"}
    return words.get(legal.word, str(legal)) if legal.word else str(legal)


def same(found: str, wanted: str) -> bool:
    """Compare days as days and instants as instants."""
    if "T" in found[10:] and "T" in wanted[10:]:
        return datetime.fromisoformat(found) == datetime.fromisoformat(wanted)
    return found == wanted


def test_every_vector(shared: Path) -> None:
    """Every row comes out as it is written: those read in the law, and those from memory or by interpretation."""
    with (shared / "law" / "vectors.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    wrong = [
        (row["id"], row["verified"], found, row["expected_deadline"])
        for row in rows
        if not same(found := said(row), row["expected_deadline"])
    ]
    assert rows
    assert wrong == []


@pytest.mark.parametrize("law", shelf.names())
def test_every_pack_can_be_read(law: str) -> None:
    """A pack that comes with Troth has no fault, and says its own name."""
    assert shelf.load(law).law == law
