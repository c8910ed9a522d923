"""Look for what is left of people in the shop, beside regular-expression scans by hand of the same columns.

One scan per table whatever the number of people. By hand means one statement per table, in either of two ways: for
one person, a regular expression of address, phone number and IP address; for anybody, one that finds addresses,
phone numbers and IP addresses at all, which is the least that many people need before anything is compared. Nobody
is erased before, so the scan also has everything of them to tell exactly; with --keeping a rule keeps the rows of
half of them, which is asked of each row that shows one. CPU seconds of both sides.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import linked
import psycopg
import shop

from troth.apply.people import Kept
from troth.catalog.model import Catalog
from troth.people import tokens
from troth.people.entries import Entry, Way
from troth.people.manifest import Manifest, Person
from troth.people.typed import Identity
from troth.plan.predicates import Staged, either
from troth.stores.sql import introspect, scan
from troth.stores.sql import open as opening

COLUMNS = {
    "addresses": "kind, line1, line2, city, postcode, country",
    "customers": "email, first_name, last_name, phone, country, notes",
    "logins": "user_agent, ip",
    "newsletter_subscriptions": "email, source, ip",
    "order_items": "sku, description, engraving",
    "orders": "status, currency, gift_message",
    "payments": "card_brand, card_last4, billing_name, billing_postcode",
    "support_tickets": "email, subject, body, ip",
}
ANYBODY = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+|\+?[0-9][0-9 ().-]{6,}|([0-9]{1,3}\.){3}[0-9]{1,3}"
KEY = Entry(number=0, subject="customer", dataset="shop.customers", columns=("id",))
FIRST = 12_001


def manifest(count: int) -> Manifest:
    """Some customers, as a plan would name them."""
    people = tuple(
        Person(
            number=number,
            values={0: ((customer,),)},
            identities=(
                Identity(match="email", value=f"user{customer}@example.com"),
                Identity(match="phone", value=f"+44{customer * 7:010}"),
                Identity(match="ip", value=f"10.2.{customer // 256 % 256}.{customer % 256}"),
            ),
            names=(f"First{customer % 997} Last{customer % 7919}",),
        )
        for number, customer in enumerate(range(FIRST, FIRST + count), 1)
    )
    return Manifest(entries=(KEY,), people=people)


def _way(column: str, *path: tuple[str, tuple[tuple[str, str], ...]]) -> tuple[Way, ...]:
    end = Staged(entry=0, columns=(column,))
    return (Way(role="customer", subject="customer", path=path, end=end),)


_ORDER = ("shop.orders", (("order_id", "id"),))
WAYS = {
    "shop.customers": _way("id"),
    **{f"shop.{name}": _way("customer_id") for name in ("addresses", "orders", "support_tickets", "logins")},
    **{f"shop.{name}": _way("customer_id", _ORDER) for name in ("order_items", "payments")},
}


def keeping(catalog: Catalog) -> dict[str, tuple[Kept, ...]]:
    """Keep every column of the rows of half of the people, as a hold would."""
    found = {}
    for number, (dataset, ways) in enumerate(WAYS.items()):
        columns = frozenset(catalog.dataset(dataset).column_names)
        half = frozenset(range(1, 20_000, 2))
        where = either(*(way.where for way in ways))
        found[dataset] = (Kept(rule=number, columns=columns, where=where, people=half),)
    return found


def by_troth(url: str, whom: Manifest, *, kept: bool) -> int:
    """Scan from connection to answer."""
    engine = opening.connect(url, store="shop")
    catalog = introspect.read(engine, "shop")
    rules = keeping(catalog) if kept else {}
    found = scan.scan(engine, catalog, tokens.tokens(whom), WAYS, rules, lambda _: None)
    assert bool(found.stayed) == kept
    engine.dispose()
    return sum(one.rows for one in found.coverage)


def by_hand(url: str, pattern: str, operator: str) -> int:
    """Match every row's text with one regular expression."""
    rows = 0
    with psycopg.connect(url) as connection:
        for table, columns in COLUMNS.items():
            matched = f"count(*) FILTER (WHERE concat_ws(' ', {columns}) {operator} %s)"
            found = connection.execute(f"SELECT count(*), {matched} FROM {table}", (pattern,)).fetchone()
            rows += found[0]
    return rows


def timed(server: linked.servers.Server, job: Callable[[], int]) -> tuple[float, float, int]:
    """Return CPU seconds, wall seconds and the rows looked at."""
    cpu, wall = linked.cpu(server), time.perf_counter()
    rows = job()
    spent = time.perf_counter() - wall
    time.sleep(0.3)
    return linked.cpu(server) - cpu, spent, rows


def main() -> None:
    """Run the pairs and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--people", type=int, nargs="*", default=[1, 1_000, 10_000])
    parser.add_argument("--keeping", action="store_true")
    options = parser.parse_args()
    one = rf"user{FIRST}@example\.com|\+440*{FIRST * 7}|10\.2\.{FIRST // 256 % 256}\.{FIRST % 256}"
    hands = {"one person": (one, "~*"), "anybody": (ANYBODY, "~")}
    with linked.server() as server:
        server.run_script(server.create_database("shop"), shop.script())
        url = server.url("shop")
        by_hand(url, one, "~*")
        for count in options.people:
            whom = manifest(count)
            runs: dict[str, list[tuple[float, float, int]]] = {name: [] for name in ("troth", *hands)}
            for _ in range(options.pairs):
                runs["troth"].append(
                    timed(server, lambda whom=whom: by_troth(url, whom, kept=options.keeping))
                )
                for name, (pattern, operator) in hands.items():
                    runs[name].append(timed(server, lambda p=pattern, o=operator: by_hand(url, p, o)))
            assert len({rows for some in runs.values() for _, _, rows in some}) == 1
            for name, some in runs.items():
                cpu, wall = (statistics.median(run[n] for run in some) for n in (0, 1))
                print(f"{count:,} people, {name}: {cpu:.2f} CPU-s, {wall:.2f} s wall (medians)")
            for name in hands:
                ratios = [t[0] / h[0] for t, h in zip(runs["troth"], runs[name], strict=True)]
                print(
                    f"  ratio to {name}: {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})",
                    flush=True,
                )


if __name__ == "__main__":
    main()
