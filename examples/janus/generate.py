"""Make the store of the Janus example: storage units behind doors that open by phone.

Everybody in it is invented; addresses are of the ranges kept for documentation (RFC 2606, RFC 5737), phone numbers of
those kept for drama (Ofcom). The rows are the same every time, so that README.md can say what is found of whom.
"""

from __future__ import annotations

import argparse
import sqlite3
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).parent

Row = tuple[object, ...]

GIL, MEI, LEE, OLLY, NORA, OTIS, FIONA, DEV, BEN, IVY = range(1, 11)
"""Tenants the README speaks of, by their key."""

# name, country, unit, law, began, ended; a contract without an end runs.
TENANTS = (
    ("Gil Marsh", "GB", "114", "GB-EAW", "2022-09-01", None),
    ("Mei Tan", "SG", "207", "SG", "2023-02-01", None),
    ("Lee Wong", "SG", "031", "SG", "2021-05-01", "2025-04-30"),
    ("Olly Hart", "AU", "318", "AU", "2024-07-01", None),
    ("Nora Flint", "GB", "116", "GB-EAW", "2016-03-01", "2020-02-29"),
    ("Otis Crane", "GB", "118", "GB-EAW", "2017-04-01", "2020-03-31"),
    ("Fiona Muir", "GB", "402", "GB-SCT", "2018-04-01", "2021-03-31"),
    ("Dev Rao", "GB", "119", "GB-EAW", "2018-10-01", "2020-03-31"),
    ("Ben Cole", "GB", "120", "GB-EAW", "2025-01-15", None),
    ("Ivy Lamb", "GB", "121", "GB-EAW", "2025-11-01", None),
)


def mail_of(tenant: int) -> str:
    """Return the address of a tenant."""
    return f"{TENANTS[tenant - 1][0].lower().replace(' ', '.')}@example.org"


def numbered(rows: Sequence[Row]) -> list[Row]:
    """Put a key before each row."""
    return [(key, *row) for key, row in enumerate(rows, 1)]


def store() -> dict[str, Sequence[Row]]:
    """Return every row, table by table."""
    return {"facilities": [(1, "Teddington", "GB"), (2, "Tuas", "SG")], **agreed(), **recorded(), **kept()}


def agreed() -> dict[str, Sequence[Row]]:
    """Return who rents what, and what they were billed."""
    tenants: list[Row] = []
    contracts: list[Row] = []
    for key, (name, country, unit, law, began, ended) in enumerate(TENANTS, 1):
        phone, status = f"+44 20 7946 00{key:02}", "left" if ended else "active"
        place = f"{key} Storage Lane"
        tenants.append((key, name, mail_of(key), 1, phone, place, country, status, ended, None, None))
        running = "ended" if ended else "running"
        contracts.append((key, key, unit, law, "Prefers to be called.", running, began, ended))
    billed = [
        (contract, f"JE-{contract:04}", 9_600, TENANTS[contract - 1][0], "Thames Bank", "0042", day)
        for contract, day in (
            (GIL, "2026-06-01"),
            (MEI, "2026-05-01"),
            (NORA, "2020-01-15"),
            (OTIS, "2020-02-15"),
        )
    ]
    guests = [
        (GIL, "Ana Marsh", "ana.marsh@example.org", "2023-01-01"),
        (GIL, "Tim Fixer", "tim.fixer@example.com", "2025-08-08"),
        (MEI, "Kai Tan", "kai.tan@example.org", "2024-04-04"),
    ]
    partners = [
        ("Rob Steel", "rob.steel@example.com", "Steel Doors", "Sales", "2021-01-01"),
        ("Una Locke", "una.locke@example.com", "Teddington Storage", "Operator", "2020-06-06"),
    ]
    return {
        "tenants": tenants,
        "contracts": contracts,
        "invoices": numbered(billed),
        "permitted_users": numbered(guests),
        "partner_contacts": numbered(partners),
    }


def recorded() -> dict[str, Sequence[Row]]:
    """Return what doors, app and site recorded."""
    doors = [
        (GIL, None, "gate", "phone", "2026-06-20 08:00:00"),
        (GIL, None, "unit 114", "phone", "2026-06-20 08:03:00"),
        (GIL, 1, "unit 114", "phone", "2026-06-21 12:00:00"),
        (GIL, 2, "gate", "code", "2026-06-22 09:00:00"),
        (MEI, None, "unit 207", "phone", "2026-06-01 01:00:00"),
        (BEN, None, "unit 120", "phone", "2026-05-04 10:00:00"),
    ]
    there = [(MEI, 1.3, 103.6, "2026-06-01 00:58:00")]
    phones = [
        (who, "Phone 5", "15.1", f"192.0.2.{who}", f"pbkdf2${who:04}", "2026-06-01")
        for who in (GIL, MEI, BEN)
    ]
    pages = [
        (GIL, "/units", 40, "2026-06-19 20:00:00"),
        (GIL, "/offers", 15, "2026-06-19 20:01:00"),
        (MEI, "/help", 65, "2026-05-31 03:00:00"),
    ]
    return {
        "access_events": numbered(doors),
        "positions": numbered(there),
        "devices": numbered(phones),
        "app_usage": numbered(pages),
    }


def kept() -> dict[str, Sequence[Row]]:
    """Return pictures, messages, news, identity papers, and the uses and disclosures of their data."""
    pictures = [
        (GIL, "img-0001.jpg", "sent in", "2025-03-03"),
        (GIL, "img-0002.jpg", "public", "2025-03-05"),
        (IVY, "img-0003.jpg", "sent in", "2025-12-01"),
    ]
    said = [
        (GIL, "Damp", "The back wall of 114 is damp. Gil Marsh", "2025-03-03 09:00:00"),
        (LEE, "Leaving", "Please end my contract.", "2025-03-20 02:00:00"),
        (OLLY, "Hours", "When does the gate close?", "2026-02-02 22:00:00"),
    ]
    told = [(GIL, "offers", "Spring 2026", "2026-03-01"), (GIL, "surveys", None, "2026-03-01"),
            (MEI, "news", "Spring 2026", "2026-03-01")]  # fmt: skip
    papers = [
        (MEI, "passport", "paper-0001.pdf", "confirmed", "2026-02-01", "2026-02-03"),
        (LEE, "passport", "paper-0002.pdf", "waiting", "2026-06-30", None),
    ]
    done = [
        (MEI, "access log shown to the operator", "delivery", "Tuas Storage", "2025-06-30"),
        (MEI, "access log shown to the operator", "delivery", "Tuas Storage", "2025-07-01"),
        (MEI, "name and unit billed", "relationship", None, "2026-01-31"),
        (MEI, "card charged", "relationship", "card-processing", "2026-05-01"),
        (MEI, "campaign sent", "promotion", "marketing-services", "2026-03-01"),
        (GIL, "card charged", "relationship", "card-processing", "2026-06-01"),
    ]
    return {
        "images": numbered(pictures),
        "messages": numbered(said),
        "news": numbered(told),
        "identity_papers": numbered(papers),
        "uses": numbered(done),
    }


def make(folder: Path) -> None:
    """Write the store into a folder."""
    path = folder / "app.sqlite"
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    connection.executescript("PRAGMA foreign_keys=ON;" + (HERE / "schema.sql").read_text())
    with connection:
        for table, rows in store().items():
            marks = ", ".join("?" * len(rows[0]))
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
    connection.close()


def main() -> None:
    """Write the store where the command line says."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--out", type=Path, default=Path(), help="folder for app.sqlite")
    make(options.parse_args().out)


if __name__ == "__main__":
    main()
