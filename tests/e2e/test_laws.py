"""Laws and clocks by the command, in a folder without a project."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from e2e import inside

RECEIVED = "2026-01-31T10:00Z"
EVENTS = """events:
  - {kind: received, at: 2026-09-01T09:00+01:00}
  - {kind: identity.asked, at: 2026-09-01T12:00+01:00}
  - {kind: identity.received, at: 2026-09-07T10:00+01:00}
"""


def troth(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder, at an instant of the test's own."""
    return inside.give(words, folder, {**os.environ, "TROTH_TEST_CLOCK": "2026-11-22T12:00Z"})


def clock(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Ask the British clock for an access request."""
    law = ("--law", "uk-gdpr", "--event", "access.respond", "--place", "GB-EAW")
    return troth(folder, "clock", *law, *words)


def test_laws_are_listed_and_shown(tmp_path: Path) -> None:
    """The list names each pack, and a pack shows what was law on a day."""
    assert "eu-gdpr" in troth(tmp_path, "laws").stdout
    before = troth(tmp_path, "laws", "show", "uk-gdpr", "--at", "2026-06-18").stdout
    after = troth(tmp_path, "laws", "show", "uk-gdpr", "--at", "2026-06-19").stdout
    assert "From 2026-06-19: complaint.acknowledge" in before
    assert "acknowledge within 30 days: complaint" in after


def test_the_clock_gives_both_days_and_its_rules(tmp_path: Path) -> None:
    """Legal and safe day, the article, and the days off that moved the end."""
    done = clock(tmp_path, "--received", RECEIVED)
    assert done.returncode == 0, done.stderr
    row = next(line for line in done.stdout.splitlines() if "access.respond  " in line)
    assert row.split() == ["access.respond", "2026-03-02", "2026-02-28"]
    assert "2026-02-28 is Saturday" in done.stdout


def test_events_come_from_a_file(tmp_path: Path) -> None:
    """What happened later is read from a file and moves the end."""
    (tmp_path / "events.yaml").write_text(EVENTS)
    done = clock(tmp_path, "--event-log", "events.yaml", "--format", "json")
    made = json.loads(done.stdout)
    assert (made["act-by"], made["under"]) == ("2026-10-07", "uk-gdpr")


def test_a_fault_in_the_file_has_its_line(tmp_path: Path) -> None:
    """A wrong key is told with file and line, and nothing is computed."""
    (tmp_path / "events.yaml").write_text(EVENTS.replace("kind: identity.asked", "knid: identity.asked"))
    done = clock(tmp_path, "--event-log", "events.yaml")
    assert done.returncode == 2
    assert "events.yaml:3" in done.stderr


def test_several_laws_have_a_clock_each(tmp_path: Path) -> None:
    """Each law counts at the place it applies to; the earliest leads, and one without such a term is named."""
    laws = [word for law in ("eu-gdpr", "us-ca-ccpa", "us-can-spam") for word in ("--law", law)]
    event = ("--event", "erasure.respond", "--received", "2026-10-02T10:00Z", "--place", "EU-FR")
    made = json.loads(troth(tmp_path, "clock", *laws, *event, "--format", "json").stdout)
    assert [(one["law"], one["place"]) for one in made["clocks"]] == [
        ("eu-gdpr", "EU-FR"),
        ("us-ca-ccpa", "US-CA"),
    ]
    assert (made["under"], made["no-such-term"]) == ("eu-gdpr", ["us-can-spam"])


def test_what_cannot_be_is_refused(tmp_path: Path) -> None:
    """An instant without zone, one in the future, a law and an event nobody knows: each leaves with 2."""
    assert "has no zone" in clock(tmp_path, "--received", "2026-01-31T10:00").stderr
    assert "lies in the future" in clock(tmp_path, "--received", "2027-01-31T10:00Z").stderr
    other = troth(tmp_path, "clock", "--law", "uk-gpdr", "--event", "a.b", "--received", RECEIVED)
    assert (other.returncode, "uk-gdpr" in other.stderr) == (2, True)
