"""Carry an erasure plan out: work store by store, look again, keep proof, and forget whom it was about.

The manifest is destroyed once a recheck has found nothing that is not kept for a reason; until then the same plan can
be applied again, and goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from troth.app import burying, erasing, ledgers, people, staying, tasks
from troth.app import project as projects
from troth.app.clock import Clock, Moment
from troth.app.people import Everywhere
from troth.app.plans import approvals
from troth.apply import certify, erase, guards, recheck
from troth.apply.erase import Progress, StoreResult, Tools
from troth.apply.guards import Permit
from troth.apply.recheck import Rechecked
from troth.evidence.entry import Entry
from troth.evidence.instants import instant
from troth.holds.watch import Watch
from troth.ledger.ledger import Ledger
from troth.ledger.people_journal import LedgerPeopleJournal
from troth.people import manifest as manifests
from troth.people.manifest import Manifest
from troth.plan import seal as sealing
from troth.plan.frozen import digest
from troth.plan.world import World
from troth.rights import certificate as certificates
from troth.rights import tasks as by_hand
from troth.rights.certificate import Certificate
from troth.rights.model import ErasurePlan

FINISHED = frozenset({"done", "kept"})
"""Outcomes after which nobody needs to know any more whom a plan was about."""


@dataclass(frozen=True, kw_only=True)
class Erased:
    """What came of an erasure."""

    results: tuple[StoreResult, ...]
    certificate: Certificate | None
    """None where everything had been done and proven before, or nobody looked again."""
    again: bool = False
    """Everything had been done and proven before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """How a person wants an erasure carried out."""

    by: str
    recheck: bool = True
    """Look again in every store; without it nothing is proven."""
    stores: tuple[str, ...] = ()
    """Work in these stores alone, and do not look again yet."""
    patient: bool = False
    """Do not look again either while another apply has one of the stores."""

    def over(self, results: tuple[StoreResult, ...]) -> bool:
        """Tell whether no look is taken after this."""
        return not self.recheck or bool(self.stores) or (self.patient and any(one.busy for one in results))


def apply(
    made: ErasurePlan,
    folder: Path,
    environment: Mapping[str, str],
    clock: Clock,
    order: Order,
    progress: Progress,
) -> Erased:
    """Carry a plan out on every store it names.

    Raises:
        BadInput: the project has faults.
        Refused: a guard stops it, or the manifest is not in this ledger; nothing is touched.
    """
    at = clock.now()
    project = projects.load(folder, at.date())
    if made.controller:
        project = projects.held_for(project, made.controller)
    guards.check_simulation(made, Permit(test_clock=clock.test))
    with (
        people.everywhere(project, environment, Moment(at=at), readonly=False) as where,
        ledgers.opened(folder, environment, clock) as ledger,
    ):
        return carry_out(made, where, ledger, clock, order, progress)


def carry_out(
    made: ErasurePlan, where: Everywhere, ledger: Ledger, clock: Clock, order: Order, progress: Progress
) -> Erased:
    """Carry a plan out with stores and ledger open.

    Raises:
        Refused: a guard stops it, or the manifest is not in this ledger; nothing is touched.
    """
    world, unclear = erasing.seen(where, ledger)
    guards.check_holds(unclear)
    if _over(made, ledger):
        already = tuple(StoreResult(store=name, state="already-applied") for name in made.stores)
        return Erased(results=already, certificate=None, again=True)
    whom = manifests.load(ledger.manifests.open(made.manifest))
    if _open(made, ledger):
        guards.check_basis(made, sealing.basis(world))
        guards.check_limits_of(made.rows, ((s.id, s.rows) for s in made.steps), world.policy.limits)
        approvals.check(ledger, made, world.policy.limits, by=order.by, at=clock.now())
    staff = ledger.staff.identify(order.by, at=clock.now())
    made = tasks.keep(ledger, made, at=clock.now())
    tools = _tools(made, where, ledger, world, clock, staff, progress)
    results = erase.run(made, whom, tools, only=order.stores)
    if order.over(results):
        return Erased(results=results, certificate=None)
    seen = _looked(made, where, whom, tools, results)
    if _over(made, ledger):  # by another apply of the same plan, which kept the proof
        return Erased(results=results, certificate=None, again=True)
    end = _End(made, where, ledger, whom, tools, clock)
    written = end.keep(results, seen, staff)
    if _over(made, ledger):
        approvals.carried_out(ledger, made, by=order.by, at=clock.now())
    return Erased(results=results, certificate=written)


def _tools(
    made: ErasurePlan,
    where: Everywhere,
    ledger: Ledger,
    world: World,
    clock: Clock,
    staff: int,
    progress: Progress,
) -> Tools:
    watch = Watch(ledger, world)

    def held(some: Manifest) -> frozenset[int]:
        now = replace(world, facts=replace(world.facts, holds=watch()))
        return erasing.held(where, now, some)

    return Tools(
        stores=where.stores,
        journal=LedgerPeopleJournal(ledger, made, staff=staff, test_clock=clock.test, now=clock.now),
        world=world,
        holds=watch,
        ways=where.ways,
        held=held,
        now=clock.now,
        progress=progress,
    )


def _looked(
    made: ErasurePlan,
    where: Everywhere,
    whom: Manifest,
    tools: Tools,
    results: tuple[StoreResult, ...],
) -> Rechecked:
    """Look at every store again."""
    done = frozenset(r.store for r in results if r.state in ("done", "already-applied"))
    stays = staying.staying(made, where, tools.world, tools.holds(), whom)
    return recheck.recheck(
        whom,
        recheck.Tools(
            stores=where.stores,
            ways=where.ways,
            batch=lambda store, some: erase.again(made, tools, store, some),
            declared=recheck.declared(where.project.datamap),
            finished=done,
            now=tools.now,
            keeping=stays.keeping,
            held=stays.held,
        ),
    )


@dataclass(frozen=True, slots=True)
class _End:
    """The end of an erasure: its certificate, tombstones and evidence, and the manifest destroyed if it is over."""

    made: ErasurePlan
    where: Everywhere
    ledger: Ledger
    whom: Manifest
    tools: Tools
    clock: Clock

    def keep(self, results: tuple[StoreResult, ...], seen: Rechecked, staff: int) -> Certificate:
        """Write the certificate, and everything the ledger keeps of it, in one transaction."""
        at = self.clock.now()
        last = burying.last_copy(self.ledger, self.made.stores, at, self.where.project.policy)
        due = by_hand.due(self.where.world, at)
        written = certify.certificate(self.made, results, seen, self.where.ways, last_copy=str(last), due=due)
        over = written.outcome in FINISHED and not written.tasks
        with self.ledger.writing():
            self.ledger.append(Entry(kind="erasure.finished", at=at, body=self._body(written, staff)))
            tasks.found(self.ledger, self.made, written, at=at, by=staff)
            if written.settled:
                burying.bury(self.ledger, self.made, self._erased(), self.where.ways, at=at)
            self.ledger.manifests.ended(self.made.manifest, outcome=written.outcome, at=at, destroy=over)
            if over:
                gone = {"manifest": self.made.manifest, "plan": self.made.hash}
                self.ledger.append(Entry(kind="manifest.destroyed", at=at, body=gone))
            self.ledger.checkpoint(at=at)
        return written

    def _erased(self) -> Manifest:
        """Leave out whom a hold is about."""
        held = self.tools.held(self.whom)
        return replace(self.whom, people=tuple(p for p in self.whom.people if p.number not in held))

    def _body(self, written: Certificate, staff: int) -> dict[str, object]:
        return {
            **({"instruction": self.made.instruction} if self.made.instruction else {}),
            "plan": self.made.hash,
            "manifest": self.made.manifest,
            "people": self.made.people,
            "outcome": written.outcome,
            "checked": written.at or instant(self.clock.now()),
            "certificate": digest(certificates.dump(written)),
            "residues": len(written.left),
            "spared": len(written.kept),
            "tasks": len(written.tasks),
            "tables": len(written.looked),
            "rows_scanned": sum(one.rows for one in written.looked),
            "bytes_scanned": sum(one.bytes for one in written.looked),
            "unlooked": len(written.unlooked),
            "passes": written.passes,
            "by": f"staff:{staff}",
        }


def _over(made: ErasurePlan, ledger: Ledger) -> bool:
    """Tell whether the plan is done and proven."""
    record = ledger.manifests.read(made.manifest)
    return record is not None and record.plan == made.hash and record.destroyed_at is not None


def _open(made: ErasurePlan, ledger: Ledger) -> bool:
    """Tell whether some store still waits for the plan."""
    done = {run.store for run in ledger.runs.of_plan(made.hash) if run.state == "finished"}
    return not done >= set(made.stores)
