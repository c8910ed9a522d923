"""Make what lies outside the database of the example: an event lake in Parquet, and a mail archive.

The same store always gives the same files. Needs DuckDB (`pip install troth[lake]`).

    python examples/janusipm/elsewhere.py --store app.sqlite --into .
"""

from __future__ import annotations

import argparse
import csv
import mailbox
import sqlite3
import tempfile
from email.message import EmailMessage
from pathlib import Path

import duckdb

FILES = 4
"""Parquet files of the lake; each holds the events of every fourth account."""
MAILED = 40
"""Every so-manieth open account has written a mail."""
EVENTS = "SELECT id, account_id, path, ip, viewed_at FROM page_views WHERE account_id IS NOT NULL ORDER BY id"


def lake(store: Path, folder: Path) -> None:
    """Write the page views of people with an account as events, spread over some files."""
    folder.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(store) as connection:
        rows = connection.execute(EVENTS).fetchall()
    engine = duckdb.connect()
    engine.execute(
        "CREATE TABLE events (event_id BIGINT, account_id BIGINT, page TEXT, ip TEXT, seen_at TIMESTAMP)"
    )
    with tempfile.NamedTemporaryFile("w", suffix=".csv", newline="") as file:
        csv.writer(file).writerows(rows)
        file.flush()
        engine.execute("INSERT INTO events SELECT * FROM read_csv(?, header = false)", [file.name])
    for number in range(FILES):
        part = f"SELECT * FROM events WHERE account_id % {FILES} = {number} ORDER BY event_id"
        target = folder / f"events-{number}.parquet"
        engine.execute(f"COPY ({part}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")


def post(store: Path, folder: Path) -> None:
    """Write a mail archive: one letter of every so-manieth person in use."""
    box = mailbox.Maildir(folder, create=True)
    with sqlite3.connect(store) as connection:
        people = connection.execute(
            "SELECT a.email, p.first_name, p.last_name FROM accounts a JOIN profiles p ON p.account_id = a.id "
            "WHERE a.status = 'open' AND a.id % ? = 1 ORDER BY a.id",
            (MAILED,),
        ).fetchall()
    for email, first, last in people:
        letter = EmailMessage()
        letter["From"] = f"{first} {last} <{email}>"
        letter["To"] = "support@janusipm.example"
        letter["Subject"] = "My docket"
        letter["Date"] = "Mon, 02 Mar 2026 10:00:00 +0000"
        letter["Message-ID"] = f"<{first.lower()}.{email}>"
        letter.set_content(f"Please send me the list of my filings.\n\n{first} {last}\n")
        box.add(letter)
    box.close()


def main() -> None:
    """Write both."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--store", type=Path, required=True, help="the SQLite file generate.py made")
    options.add_argument("--into", type=Path, default=Path(), help="folder of the project")
    given = options.parse_args()
    lake(given.store, given.into / "lake")
    post(given.store, given.into / "post")
    print(f"lake and post written into {given.into}")


if __name__ == "__main__":
    main()
