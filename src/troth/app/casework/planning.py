"""Work out what a request comes to before anybody decides: the erasure plan, or the package to hand over.

Nothing is changed in any store. What was made lies in the request's drawer until it is answered; the event says
which plan or package it was, so that a decision is about exactly that.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from troth.app import erasing, files
from troth.app.casework import desk as desks
from troth.app.casework import freezing, ways
from troth.app.casework.desk import Desk
from troth.app.casework.drawers import PACKAGE, PLAN
from troth.app.clock import Moment
from troth.app.erasing import Asker, Instruction
from troth.app.export import make as exporting
from troth.app.export.make import Exported, Package
from troth.cases.case import Case, Contents
from troth.cases.register import Happened
from troth.catalog import controllers
from troth.errors import Refused, StoreError
from troth.ledger.ledger import Ledger
from troth.rights import export_manifest, model
from troth.rights.model import ErasurePlan

EXPORTS = frozenset({"access", "know", "know-specific", "portability"})


@dataclass(frozen=True, kw_only=True)
class Worked:
    """What a request comes to."""

    case: Case
    plan: ErasurePlan | None = None
    exported: Exported | None = None
    folder: Path | None = None
    """Where the package is."""
    unlooked: int = 0
    """Places nobody looked at."""

    @property
    def anybody(self) -> bool:
        """Tell whether anything of the person was found."""
        return self.plan is not None or (self.exported is not None and self.exported.anybody)


def work_out(desk: Desk, id: int, *, joined: bool = False) -> Worked:
    """Work out what a request comes to.

    Raises:
        BadInput: the project has faults, or an identity cannot be read.
        Refused: it is no time for it, the request is of another kind, or it is not clear who is meant.
        StoreError: a store does not answer.
    """
    case = desk.read(id)
    contents = desk.contents(case)
    _timely(case)
    if case.kind.name not in {*EXPORTS, "erase"}:
        raise Refused(
            f"A request to {case.kind.says.lower()} needs no plan.", hint="Decide it: troth request decide."
        )
    work = _package if case.kind.name in EXPORTS else _erasure
    made = work(desk, case, contents, joined=joined)
    ways.keep(desk, made.case)
    return made


def plan_of(desk: Desk, case: Case) -> ErasurePlan:
    """Return the erasure plan that was worked out last.

    Raises:
        Refused: when it is not in the drawer any more, or is another one.
    """
    path = desk.drawer(case) / PLAN
    planned = case.last("planned")
    again = f"Work it out again: troth request plan {case.id}."
    if planned is None or not path.is_file():
        raise Refused(f"{case.reference} has no plan in its drawer.", hint=again)
    found = model.load(path.read_text(encoding="utf-8"))
    if found.hash != planned.body.get("plan"):
        raise Refused(
            f"The plan in the drawer of {case.reference} is not the one of the request.", hint=again
        )
    return found


def package_of(desk: Desk, case: Case) -> Path:
    """Return the folder of the package that was made last.

    Raises:
        Refused: when it is gone or was changed.
    """
    found = desk.drawer(case) / PACKAGE
    planned = case.last("planned")
    again = f"Make it again: troth request plan {case.id}."
    if planned is None or not (found / export_manifest.MANIFEST).is_file():
        raise Refused(f"{case.reference} has no package in its drawer.", hint=again)
    with desk.ledger() as ledger:
        if _digest(ledger, found) != planned.body.get("package"):
            raise Refused(f"The package in the drawer of {case.reference} was changed.", hint=again)
    return found


def redacted(desk: Desk, id: int) -> Case:
    """Write down that somebody looked through the package for data of others.

    Raises:
        Refused: when there is no package, or it was changed since it was made.
    """
    case = desk.read(id)
    package_of(desk, case)
    planned = case.last("planned")
    assert planned is not None
    body = {"package": planned.body["package"]}
    return desk.add(case, Happened(kind="redaction.checked", at=desk.now(), body=body))


def instruction(desk: Desk, case: Case, contents: Contents) -> Instruction | None:
    """Return for whom a request is worked on, and by which instruction; None where it is for ourselves.

    Raises:
        Refused: when we are only the processor and nobody told us what to do, or the data map knows nobody such.
    """
    if case.role == "controller":
        return None
    if not case.instruction or not contents.controller:
        raise Refused(
            "The data is held for somebody else: nothing is done without their instruction.",
            hint=f"Refer it, and enter what they say: troth request instruct {case.id} --id CODE.",
        )
    datamap = desk.project().datamap
    if contents.controller not in controllers.names(datamap) and not controllers.by_row(datamap):
        raise Refused(
            "The data map names no data that is held for the controller of this request.",
            hint="Name them as `controller` of a dataset, or the column that names controllers.",
        )
    return Instruction(code=case.instruction, controller=contents.controller)


def _timely(case: Case) -> None:
    if not case.open or case.state in {"answering", "answered", "needs-customer", "referred"}:
        raise Refused(f"{case.reference} is {case.state}: there is nothing to work out now.")
    if case.kind.discloses and not case.proven and not case.instruction:
        raise Refused(
            "It is not proven who asks, so nothing is put together that could be handed out.",
            hint=f"troth request verify {case.id} comes first.",
        )


def _package(desk: Desk, case: Case, contents: Contents, *, joined: bool) -> Worked:
    folder = desk.drawer(case) / PACKAGE
    shutil.rmtree(folder, ignore_errors=True)
    variant = "portability" if case.kind.name == "portability" else "access"
    package = Package(out=folder, variant=variant, joined=joined, by=desk.by)  # type: ignore[arg-type]
    try:
        made = exporting.export(
            desks.wish(contents),
            package,
            desk.folder,
            desk.environment,
            desk.clock,
            Moment(at=desk.now()),
            instruction=instruction(desk, case, contents),
        )
    except StoreError as away:
        raise StoreError(away.message, hint=f"Mend it, then: troth request plan {case.id}.") from away
    body: dict[str, object] = {
        "people": sum(1 for one in made.folders if one.name),
        "rows": made.rows,
        "kept": sum(n for count in made.counts for n in count.withheld.values()),
        "blocked": len(made.notes),
        "stores": len({count.dataset.partition(".")[0] for count in made.counts}),
    }
    text = _made_up(made)
    with desk.at_work() as work:
        if made.anybody:
            body["package"] = _digest(work.ledger, folder)
            text["holds"] = freezing.freeze(desk, work.ledger, case, made.keys)
        grown = work.add(case, Happened(kind="planned", at=work.now, body=body, text=text))
    return Worked(
        case=grown,
        exported=made,
        folder=folder if made.anybody else None,
        unlooked=len(made.unlooked),
    )


def _made_up(made: Exported) -> dict[str, object]:
    """What the answer needs of a package: rows by dataset; sealed with the request."""
    return {
        "rows": {count.dataset: count.rows for count in made.counts},
        "withheld": {count.dataset: dict(count.withheld) for count in made.counts if count.withheld},
        "left_out": {count.dataset: count.left_out for count in made.counts if count.left_out},
        "unlooked": [[one.what, one.why] for one in made.unlooked],
        "notes": list(made.notes),
    }


def _erasure(desk: Desk, case: Case, contents: Contents, *, joined: bool) -> Worked:
    made = erasing.plan(
        desks.wish(contents),
        desk.folder,
        desk.environment,
        desk.clock,
        Moment(at=desk.now()),
        Asker(by=desk.by, joined=joined, instruction=instruction(desk, case, contents)),
    )
    if made.unreachable:
        raise Refused(
            "A store does not answer, so the plan would not be whole.",
            hint="Mend it, then work it out again; `troth find` names the store.",
        )
    body: dict[str, object] = {"people": 0, "rows": 0}
    text: dict[str, object] = {
        "unlooked": [[one.what, one.why] for one in made.unlooked],
        "keys": list(made.keys),
    }
    if made.plan is not None:
        body = {
            "plan": made.plan.hash,
            "people": made.plan.people,
            # As the package says it: what was found, each row once; steps may touch a row twice.
            "rows": sum(rows for _, rows in made.plan.counted),
            "kept": sum(one.rows for one in made.plan.spared),
            "tasks": len(made.plan.tasks),
            "stores": len(made.plan.stores),
        }
        files.write(desk.drawer(case) / PLAN, model.dump(made.plan))
    grown = desk.add(case, Happened(kind="planned", at=desk.now(), body=body, text=text))
    return Worked(case=grown, plan=made.plan, unlooked=len(made.unlooked))


def _digest(ledger: Ledger, folder: Path) -> str:
    content = hashlib.sha256((folder / export_manifest.MANIFEST).read_bytes()).hexdigest()
    return f"hmac-sha256:{ledger.sealing.digest(content, use='package')}"
