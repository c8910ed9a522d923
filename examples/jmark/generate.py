"""Make the two stores of the JMARK example: what the company holds itself, and what it holds for customers.

Everybody in them is invented; addresses are of the ranges kept for documentation (RFC 2606, RFC 5737). The rows are
the same every time, so that README.md can say what is found of whom.
"""

from __future__ import annotations

import argparse
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).parent

Row = tuple[object, ...]
CLIENTS = ("Ozark Dental", "Show-Me Feed", "Plaza Law")

UMA, PAT, WES, QUIN, RAY, SID, TOM, AL, ZOE, NAN, _IDA, LEO, _FAY, GUS, EVE, _NED, ANN, BO, XI, YAN = range(
    1, 21
)
"""Contacts the README speaks of, by their key."""

# name, origin, company, job, country, kind, marketing, opted out, no customer since, added; mail and phone follow.
PEOPLE = (
    ("Uma Byrne", "list", "Byrne Feeds", "Owner", "IE", "prospect", "in", None, "2025-11-02", "2025-11-02"),
    ("Pat Ward", "referral", "Byrne Feeds", "Buyer", "IE", "prospect", "out", "2026-01-05", "2025-12-01",
     "2025-12-01"),
    ("Wes Adler", "form", "Adler Werk", "IT lead", "DE", "prospect", "in", None, "2025-09-14", "2025-09-14"),
    ("Quin Moss", "direct", "Moss Tile", "Owner", "US", "former", "in", None, "2024-06-30", "2019-03-04"),
    ("Ray Pike", "direct", "Pike Auto", "Owner", "US", "former", "out", "2025-01-10", "2024-06-30", "2018-07-22"),
    ("Sid Lowe", "direct", "Lowe Farms", "Clerk", "US", "former", "out", "2019-06-01", "2019-05-31", "2015-02-11"),
    ("Tom Hale", "direct", "Hale Press", "Clerk", "US", "former", "out", "2019-04-30", "2019-04-01", "2014-10-09"),
    ("Al Reyes", "form", None, None, "US", "visitor", "in", None, "2025-08-20", "2025-08-20"),
    ("Zoe Kerr", "employer", CLIENTS[0], "Office manager", "US", "customer", "out", "2024-02-02", None,
     "2021-01-18"),
    ("Nan Voss", "employer", CLIENTS[0], "Hygienist", "US", "customer", "in", None, None, "2022-05-30"),
    ("Ida Crane", "employer", CLIENTS[0], "Receptionist", "US", "customer", "in", None, None, "2023-03-06"),
    ("Leo Marsh", "employer", CLIENTS[1], "Buyer", "US", "customer", "in", None, None, "2020-09-01"),
    ("Fay Stone", "employer", CLIENTS[1], "Driver", "US", "customer", "out", "2023-07-07", None, "2021-11-12"),
    ("Gus Bloom", "employer", CLIENTS[1], "Owner", "US", "customer", "in", None, None, "2018-01-15"),
    ("Eve Frost", "employer", CLIENTS[2], "Partner", "US", "customer", "in", None, None, "2019-08-19"),
    ("Ned Quill", "employer", CLIENTS[2], "Paralegal", "US", "customer", "in", None, None, "2024-04-23"),
    ("Ann Tate", "event", "Tate Homes", "Owner", "US", "prospect", "in", None, "2025-10-10", "2025-10-10"),
    ("Bo Lane", "event", "Lane Roofing", "Owner", "US", "prospect", "out", "2026-02-14", "2025-10-10", "2025-10-10"),
    ("Xi Chen", "form", "Chen Labs", "Chemist", "US", "prospect", "in", None, "2026-01-20", "2026-01-20"),
    ("Yan Vogel", "list", "Vogel Bau", "Planner", "DE", "prospect", "none", None, "2025-11-02", "2025-11-02"),
)  # fmt: skip

WORDS = ("tickets", "calls", "messages")
"""Tables of what was said; the last column of each is when."""

PATIENTS = (
    (CLIENTS[0], "Jo Doe", "jo.doe@example.org"), (CLIENTS[0], "Kit Rowe", "kit.rowe@example.org"),
    (CLIENTS[0], "Liv Snow", "liv.snow@example.org"), (CLIENTS[0], "Max Thorn", "max.thorn@example.org"),
    (CLIENTS[1], "Jo Doe", "j.doe@example.com"), (CLIENTS[1], "Ola Brand", "ola.brand@example.com"),
    (CLIENTS[1], "Pia Holt", "pia.holt@example.com"), (CLIENTS[2], "Rex Amber", "rex.amber@example.com"),
    (CLIENTS[2], "Sue Lark", "sue.lark@example.com"),
)  # fmt: skip


def contacts(tables: Mapping[str, Sequence[Row]]) -> Iterable[Row]:
    """Yield everybody the company knows itself, with the day of the last word between them."""
    for key, person in enumerate(PEOPLE, 1):
        name, origin, company, job, country, kind, marketing, out, since, added = person
        mail, phone, ip = mail_of(key), f"+1 417 555 01{key:02}", f"192.0.2.{key}"
        said = [str(row[-1])[:10] for table in WORDS for row in tables[table] if key in row[1:3]]
        yield (
            *(key, name, mail, 1, phone, origin, company, job, country, ip, kind, marketing, out, since),
            *(max([added, *said]), None, None, None, added),
        )


def mail_of(contact: int) -> str:
    """Return the address of a contact."""
    return f"{PEOPLE[contact - 1][0].lower().replace(' ', '.')}@example.net"


def own() -> dict[str, Sequence[Row]]:
    """Return the rows of the company's own store, table by table."""
    tables: dict[str, list[Row]] = {
        "contacts": [],
        "products": [(1, "Backup"), (2, "Help desk")],
    }
    marketing(tables)
    service(tables)
    tables["posts"] = [
        (1, AL, "forum", "My router drops every night, who knows more?", 1, None, "2025-08-20 19:00:00"),
        (2, AL, "forum", "It was the cable. Thanks!", 1, None, "2025-08-22 07:10:00"),
        (3, GUS, "testimonial", "They answer before I hang up.", 1, "2024-03-01", "2024-03-01 09:00:00"),
        (4, EVE, "testimonial", "Quiet people, quick work.", 0, None, "2024-05-06 09:00:00"),
    ]
    tables["contacts"] = list(contacts(tables))
    return dict(tables)


def marketing(tables: dict[str, list[Row]]) -> None:
    """Add lists, scores, segments, audiences, page events and what was given to others."""
    tables["list_entries"] = [
        (1, UMA, "ListCo", "Farm owners 2025", "marketing", "2025-11-02"),
        (2, YAN, "ListCo", "Builders 2025", "education", "2025-11-02"),
    ]
    listed = [UMA, WES, QUIN, NAN, LEO, GUS, EVE, ANN, BO, XI]
    tables["mail_list"] = [(n, who, "Newsletter", "2025-12-01") for n, who in enumerate(listed, 1)]
    scored = [
        (UMA, 64, "reads prices"),
        (WES, 81, "asked for a quote"),
        (QUIN, 12, "left in 2024"),
        (ANN, 40, "event"),
    ]
    tables["lead_scores"] = [(n, *score, "2026-01-12") for n, score in enumerate(scored, 1)]
    cut = [
        (UMA, "google-ads", "farm software", 71),
        (WES, "facebook", "factory IT", 77),
        (XI, "bing", "labs", 30),
    ]
    tables["segments"] = [(n, *one, "2026-01-15") for n, one in enumerate(cut, 1)]
    tables["audiences"] = [
        (n, mail_of(who), "facebook", "2026-02-01") for n, who in enumerate([WES, QUIN, ANN], 1)
    ]
    # The first four of a visitor are known by nothing but the address they came from.
    seen = [(None, UMA), (None, UMA), (UMA, UMA), (WES, WES), (WES, WES), (None, WES), (AL, AL), (XI, XI)]
    tables["page_events"] = [
        (n, who, f"192.0.2.{ip}", "Firefox", path(n), None, f"2026-01-{n:02} 10:00:00")
        for n, (who, ip) in enumerate(seen, 1)
    ]
    given = [
        (UMA, "mail-vendor", "name and address", "contract", "2025-12-01 08:00:00"),
        (WES, "facebook", "address", "audience", "2026-02-01 08:00:00"),
        (LEO, "billing-services", "name and invoice", "contract", "2026-01-31 08:00:00"),
    ]
    tables["disclosures"] = [(n, *one) for n, one in enumerate(given, 1)]
    tables["registrations"] = [
        (1, ANN, "Ozark IT Day", "organiser", "2025-10-10"),
        (2, BO, "Ozark IT Day", "organiser", "2025-10-10"),
        (3, UMA, "Webinar on backups", "own", "2026-01-08"),
    ]


def path(number: int) -> str:
    """Return a page of the site."""
    return ("/prices", "/backup", "/about")[number % 3]


def service(tables: dict[str, list[Row]]) -> None:
    """Add tickets, calls, messages, accounts and invoices."""
    both = "Uma Byrne asks for a test account; Pat Ward, pat.ward@example.net, will use it."
    lost = "Lost the password of the scale; Zoe Kerr has it."
    tables["tickets"] = [
        (1, "Byrne Feeds", UMA, PAT, "Pat Ward", "Test account", both, None, "closed", "2026-01-10 09:30:00"),
        (2, "Byrne Feeds", UMA, None, None, "Trial of backups", "Uma Byrne cannot reach the trial.", None, "open",
         "2026-01-19 16:05:00"),
        (3, CLIENTS[0], NAN, ZOE, "Zoe Kerr", "Scale", lost, "scale: tooth-fairy-7", "closed", "2024-11-05 13:00:00"),
        (4, CLIENTS[1], LEO, None, None, "Printer", "Prints grey.", None, "closed", "2023-02-03 08:20:00"),
        (5, "Lowe Farms", SID, None, None, "Moving out", "Sid Lowe wants his mail moved.", "mail: barn1", "closed",
         "2019-05-01 10:00:00"),
        (6, "Hale Press", TOM, None, None, "Closing", "Tom Hale closes the account.", None, "closed",
         "2019-04-01 10:00:00"),
    ]  # fmt: skip
    tables["calls"] = [
        (
            1,
            UMA,
            "+1 417 555 0101",
            "rec-0001.ogg",
            "Uma Byrne asks what a trial costs.",
            312,
            "2026-01-12 15:00:00",
        ),
        (
            2,
            LEO,
            "+1 417 555 0112",
            "rec-0002.ogg",
            "Leo Marsh reads a password aloud.",
            95,
            "2025-06-02 11:00:00",
        ),
        (3, TOM, "+1 417 555 0107", "rec-0003.ogg", "Tom Hale on the last bill.", 120, "2019-03-20 11:00:00"),
    ]
    tables["messages"] = [
        (1, SID, "mail", "Old address", "Is my box still there? Sid Lowe", "2026-04-30 12:00:00"),
        (2, QUIN, "mail", "Farewell", "Thanks for all. Quin Moss", "2024-06-28 12:00:00"),
        (3, RAY, "chat", "Bill", "Where is the last bill?", "2024-07-02 12:00:00"),
        (4, NAN, "chat", "Scanner", "It blinks.", "2026-03-03 12:00:00"),
        (5, WES, "mail", "Quote", "Please send a quote to Wes Adler.", "2025-10-01 12:00:00"),
        (6, GUS, "mail", "Scale", "It counts backwards.", "2026-02-20 12:00:00"),
    ]
    names = [(QUIN, "quinm"), (RAY, "rpike"), (SID, "sidl"), (ZOE, "zkerr"), (NAN, "nvoss"), (LEO, "lmarsh")]
    tables["logins"] = [
        (n, who, name, f"pbkdf2${n:04}", "2020-01-02") for n, (who, name) in enumerate(names, 1)
    ]
    billed = [(RAY, 4_500, "2024-06-30"), (LEO, 129_900, "2026-01-31"), (GUS, 88_000, "2026-02-28"), (TOM, 9_900,
              "2019-03-31")]  # fmt: skip
    tables["invoices"] = [
        (n, who, f"JM-{n:04}", cents, "USD", PEOPLE[who - 1][0], "4242", None, day)
        for n, (who, cents, day) in enumerate(billed, 1)
    ]


def held() -> dict[str, Sequence[Row]]:
    """Return the rows held for customers, table by table."""
    people = [
        (n, client, name, mail, f"+1 417 555 02{n:02}") for n, (client, name, mail) in enumerate(PATIENTS, 1)
    ]
    notes = ["Crown on the left, paid.", "Called about pain.", "Moved to Joplin.", "Prefers mornings."]
    records = [(n, n, PATIENTS[n - 1][0], notes[n % 4], "2025-05-05") for n in range(1, len(PATIENTS) + 1)]
    records.append((len(PATIENTS) + 1, 1, CLIENTS[0], "Jo Doe asked for the X-ray.", "2025-06-06"))
    log = [(n, n, PATIENTS[n - 1][0], f"198.51.100.{n}", "https://news.example/", "2026-02-02 08:00:00")
           for n in (1, 5, 8)]  # fmt: skip
    copies = [
        (1, mail_of(NAN), "Laptop of the front desk", "copy-0001.img", "running", None),
        (2, mail_of(LEO), "Workstation", "copy-0002.img", "done", "2026-01-09 17:00:00"),
    ]
    return {"people": people, "records": records, "filter_log": log, "repair_copies": copies}


def write(path: Path, schema: Path, tables: dict[str, Sequence[Row]]) -> None:
    """Write rows into a new SQLite file."""
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    connection.executescript("PRAGMA foreign_keys=ON;" + schema.read_text())
    with connection:
        for table, rows in tables.items():
            marks = ", ".join("?" * len(rows[0]))
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
    connection.close()


def make(folder: Path) -> None:
    """Write both stores into a folder."""
    write(folder / "crm.sqlite", HERE / "schema.sql", own())
    write(folder / "hosted.sqlite", HERE / "hosted.sql", held())


def main() -> None:
    """Write both stores where the command line says."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--out", type=Path, default=Path(), help="folder for crm.sqlite and hosted.sqlite")
    make(options.parse_args().out)


if __name__ == "__main__":
    main()
