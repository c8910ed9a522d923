"""What is asked of every published policy put on Troth: its files, its text, and commands run in a copy of it."""

from __future__ import annotations

import csv
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from importlib import util
from pathlib import Path
from typing import Any

from e2e import inside
from troth.app import clock as clocks
from troth.app import ledgers, retention, stores
from troth.app import project as projects
from troth.apply.guards import Permit
from troth.plan import draft
from troth.policy import lint, promises
from troth.policy.text import lock as locks
from troth.policy.text import reading
from troth.policy.text.model import Text
from troth.promises import given, listing, report
from troth.reading import Reading, read_project

EXAMPLES = Path(__file__).parents[2] / "examples"
SRC = Path(__file__).parents[2] / "src"
DAY = date(2026, 6, 1)


@dataclass(frozen=True, kw_only=True)
class Published:
    """One example: a policy, its lock, and the list of what its text promises."""

    name: str

    @property
    def folder(self) -> Path:
        """Where it stands."""
        return EXAMPLES / self.name

    def project(self) -> Reading:
        """Read its files."""
        return read_project({file.name: file.read_bytes() for file in self.folder.glob("*.yaml")})

    def lock(self) -> locks.Lock:
        """Read its lock."""
        return locks.loads("policy.lock", (self.folder / "policy.lock").read_text())

    def text(self, shared: Path) -> Text:
        """Read the text it is taken from."""
        return reading.read_bytes("policy.txt", (shared / "seeds" / f"{self.name}.txt").read_bytes())

    def findings(self, text: Text | None = None) -> tuple[set[str], set[str]]:
        """Return the codes that are open, and those somebody accepted."""
        outcome = lint.outcome(self.project(), text=text, lock=self.lock(), at=DAY)
        return {p.code for p in outcome.open}, {problem.code for problem, _ in outcome.accepted}

    def answers(self) -> list[dict[str, str]]:
        """Read what answers each row of the list."""
        with (self.folder / "promises.csv").open() as listed:
            return list(csv.DictReader(listed))

    def wanted(self, shared: Path) -> list[str]:
        """List the rows drawn from its text."""
        with (shared / "promises" / "promises.csv").open() as listed:
            return [row["id"] for row in csv.DictReader(listed) if row["id"].startswith(f"{self.name}-")]

    def unnamed(self) -> tuple[set[str], set[str]]:
        """Return what rows name and the policy has not, and what it has and no row names."""
        policy = self.project().policy
        assert policy is not None
        named = {name for answer in self.answers() for name in answer["promise"].split()}
        known = {promise.id for promise in listing.promises(policy)}
        return named - known, known - named

    def citations(self) -> Mapping[str, list[str]]:
        """Map each cited fingerprint to the promises that cite it."""
        policy = self.project().policy
        assert policy is not None
        assert policy.rights is not None
        found: dict[str, list[str]] = {}
        for listed in promises.each(policy):
            for cited in listed.promise.says:
                found.setdefault(cited, []).append(listed.id)
        for right, said in policy.rights.sentences.items():
            for cited in said:
                found.setdefault(cited, []).append(f"rights.{right}")
        return found

    def copied(self, text: Text) -> list[int]:
        """List sentences of the text that stand in the example's files; short ones are facts or headings."""
        files = [file for file in self.folder.iterdir() if file.is_file()]
        ours = " ".join(file.read_text().casefold() for file in files)
        return [s.ordinal for s in text.sentences if len(s.text) > 45 and s.text.casefold() in ours]

    def generator(self) -> Any:
        """Import what makes its stores."""
        spec = util.spec_from_file_location(f"{self.name}_generate", self.folder / "generate.py")
        assert spec is not None
        assert spec.loader is not None
        module = util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        return module

    def copy(self, folder: Path) -> None:
        """Copy the project and make its stores beside it."""
        for file in (*self.folder.glob("*.yaml"), self.folder / "policy.lock"):
            shutil.copy(file, folder)
        self.generator().make(folder)


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A copy of an example, and the commands typed there."""

    folder: Path
    environment: Mapping[str, str]

    def troth(self, *arguments: str, code: int = 0) -> str:
        """Run a command; it must end with `code`."""
        home = {"PYTHONPATH": str(SRC), "PATH": "/usr/bin:/bin", "HOME": str(self.folder)}
        done = inside.give(arguments, self.folder, {**home, **self.environment})
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout


def applied(folder: Path, environment: Mapping[str, str], now: datetime) -> set[str]:
    """Plan what is past its end at an instant, carry it out, and return how it ended."""
    clock = clocks.Clock(now=lambda: now, test=True)
    project = projects.load(folder, now.date())
    order = retention.Order(by="tester", permit=Permit(), backup_taken=True)
    with (
        stores.opened(project, environment, readonly=False) as opened,
        ledgers.opened(folder, environment) as ledger,
    ):
        made = retention.plan(project, opened, ledger, clocks.moment(clock)).plan
        return {
            o.state for o in retention.apply(project, opened, ledger, made, order, clock, lambda *_: None)
        }


def checked(folder: Path, environment: Mapping[str, str], now: datetime) -> Mapping[str, str]:
    """Check every promise at an instant; return the status of each."""
    project = projects.load(folder, now.date())
    with (
        stores.opened(project, environment, readonly=True) as opened,
        ledgers.opened(folder, environment) as ledger,
    ):
        world, _ = retention.seen(project, opened, ledger, now)
        drafted = draft.draft(world, grace=True)
        looked = given.Given(
            world=world,
            draft=drafted,
            answers=retention.answers(drafted, opened),
            looks={name: given.Look(at=now) for name in world.catalogs},
            now=now,
        )
        return {result.promise.id: result.status.value for result in report.check(looked).results}
