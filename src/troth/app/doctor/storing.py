"""The project's files and its stores: do they load, does each store answer, may Troth do there what it must."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import sqlalchemy as sa

from troth.app import openings
from troth.app import project as projects
from troth.app import stores as opened_stores
from troth.app.clock import Moment
from troth.app.doctor.finding import Finding, Patient, good, note, wrong
from troth.catalog.datamap import Store
from troth.errors import StoreError
from troth.problems import BadInput, faults
from troth.stores.files import pattern, writing

SHOWN = 5
"""Names that are listed of many."""


def project(patient: Patient) -> Iterator[Finding]:
    """Read the project's files."""
    read = projects.look(patient.folder)
    problems = read.problems(patient.clock.now().date())
    bad = faults(problems)
    for problem in bad[:SHOWN]:
        where = f"{problem.span.file}:{problem.span.line}: " if problem.span else ""
        yield wrong("project", f"{where}{problem.message}", problem.hint or "`troth lint` shows more.", 2)
    if len(bad) > SHOWN:
        yield wrong("project", f"{len(bad) - SHOWN} further faults.", "`troth lint` shows them.", 2)
    open_ = len(problems) - len(bad)
    if open_ and not bad:
        yield note("project", f"It loads; {open_} findings are open.", "`troth lint` shows them.")
    elif not bad:
        yield good("project", "Its files have no fault.")


def stores(patient: Patient) -> Iterator[Finding]:
    """Open every store."""
    found = openings.opened(patient.folder, patient.environment, Moment(at=patient.clock.now()))
    if not found:
        yield note("stores", "The data map names none.", "Describe where data lives in datamap.yaml.")
    for one in found:
        part = f"store {one.store}"
        if not one.engine:
            says = one.notes[0] if one.notes else "It does not answer."
            yield wrong(part, says, "Start it, or correct its address.", 3)
        else:
            yield good(part, f"It answers: {one.engine}, {one.datasets} tables or file sets.")
    yield from _leftovers(patient)


def rights(patient: Patient) -> Iterator[Finding]:
    """Ask database servers what our roles there may do: more than they need, or less."""
    read = projects.load(patient.folder, patient.clock.now().date())
    with opened_stores.opened(read, patient.environment, readonly=True, patient=True) as opened:
        for name, engine in opened.engines.items():
            part = f"store {name}"
            mapped = [one.partition(".")[2] for one in read.datamap.datasets if one.startswith(f"{name}.")]
            try:
                if engine.dialect.name == "postgresql":
                    yield from _postgresql(part, engine, mapped, name)
                elif engine.dialect.name in ("mariadb", "mysql"):
                    yield from _mariadb(part, engine, name)
            except sa.exc.SQLAlchemyError:
                yield note(part, "Its rights could not be asked.", "Ask whoever runs it.")


def _postgresql(part: str, engine: sa.Engine, mapped: list[str], store: str) -> Iterator[Finding]:
    with engine.connect() as connection:
        asked = sa.text(
            "SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        )
        row = connection.execute(asked).one()
        names = ("superuser", "may pass by row security", "may make roles")
        strong = [name for name, held in zip(names, row, strict=True) if held]
        blind, stuck = _privileges(connection, mapped)
    if strong:
        yield note(part, f"Our role is too powerful: {', '.join(strong)}.", _granted(store))
    if blind:
        yield wrong(part, f"Our role may not read {_listed(blind)}.", _granted(store), 3)
    if stuck:
        yield note(
            part, f"Our role may not change {_listed(stuck)}; it is good for looking only.", _granted(store)
        )


def _privileges(connection: sa.Connection, mapped: list[str]) -> tuple[list[str], list[str]]:
    asked = sa.text(
        "SELECT n, has_table_privilege(to_regclass(n), 'SELECT'), has_table_privilege(to_regclass(n), 'DELETE') "
        "FROM unnest(CAST(:names AS text[])) AS n WHERE to_regclass(n) IS NOT NULL"
    )
    found = list(connection.execute(asked, {"names": mapped}))
    blind = [str(name) for name, read, _ in found if not read]
    return blind, [str(name) for name, read, change in found if read and not change]


def _mariadb(part: str, engine: sa.Engine, store: str) -> Iterator[Finding]:
    with engine.connect() as connection:
        held = [str(row[0]).upper() for row in connection.execute(sa.text("SHOW GRANTS"))]
    everywhere = [one for one in held if " ON *.* " in one and not one.startswith("GRANT USAGE")]
    if everywhere:
        yield note(part, "Our account has rights on the whole server.", _granted(store))


def _leftovers(patient: Patient) -> Iterator[Finding]:
    """Look for drafts of files that a killed run left in stores of files."""
    try:
        read = projects.load(patient.folder, patient.clock.now().date())
    except BadInput:
        return
    for name, folder in _folders(read.datamap.stores, patient.folder).items():
        try:
            count = sum(1 for _ in pattern.leftovers(folder, writing.SUFFIX))
        except OSError as error:
            raise StoreError(f"Store `{name}` cannot be looked through: {error.strerror}.") from error
        if count:
            to_do = "Run the same plan again: it finishes, and removes them."
            yield note(f"store {name}", f"{count} drafts of a run that was killed lie in it.", to_do)


def _folders(declared: Mapping[str, Store], base: Path) -> dict[str, Path]:
    """Return the folder of each store of files: what stands before the first part of its path that varies."""
    found = {}
    for name, store in declared.items():
        fixed = re.split(r"[*?{\[]", store.files)[0]
        folder = base / (fixed if fixed == store.files else fixed.rpartition("/")[0])
        if store.files and fixed and folder.is_dir():
            found[name] = folder
    return found


def _granted(store: str) -> str:
    return f"`troth grants {store}` prints roles with what they need and no more."


def _listed(names: list[str]) -> str:
    rest = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {rest} more" if rest > 0 else "")
