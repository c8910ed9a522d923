"""A shop of eight tables, its project, and what an expert would write by hand to erase people from it.

The data set of the benchmarks about people: 100,000 customers, 36 rows each on average. Rows whose number differs by
3,420 have the same shape, so that two sides can work on different people of equal size in one database.
"""

from __future__ import annotations

import os
from pathlib import Path

import psycopg

SHAPE = 3_420
"""After so many customers the numbers of their rows repeat."""
SHARED = Path(os.environ.get("TROTH_SHARED", Path(__file__).parents[2] / "shared"))

POLICY = """\
troth: 1
include: [datamap.yaml]
organisation: {name: Shop, roles: [controller], laws: [eu-gdpr], timezone: UTC, contacts: {privacy: dpo@example.org}}
categories:
  contact: {label: Contact}
  notes: {label: Notes}
  technical: {label: Technical}
purposes:
  sell: {label: Sell, uses: [contact, notes, technical], basis: contract}
rights: {offer: [access, erase]}
"""
DATAMAP = """\
stores: {shop: {url: "${SHOP_DB}", timezone: UTC}}
subjects:
  customer:
    dataset: shop.customers
    key: id
    identities: {email: email, phone: {field: phone, links: no}}
datasets:
  shop.customers:
    on-expiry: keep-row
    fields: {contact: [email, first_name, last_name, phone, date_of_birth, country], notes: [notes, marketing_opt_in]}
  shop.addresses:
    subject: customer
    on-expiry: keep-row
    fields: {contact: [line1, line2, city, postcode, country]}
  shop.orders: {subject: customer via customer_id, on-expiry: keep-row, fields: {notes: [gift_message]}}
  shop.order_items: {subject: customer via order_id > customer_id, on-expiry: keep-row, fields: {notes: [engraving]}}
  shop.payments:
    subject: customer via order_id > customer_id
    on-expiry: keep-row
    fields: {contact: [billing_name, billing_postcode, card_last4]}
  shop.support_tickets:
    subject: [customer via customer_id, customer via email = shop.customers.email]
    on-expiry: keep-row
    fields: {contact: [email], notes: [subject, body], technical: [ip]}
  shop.newsletter_subscriptions:
    subject: customer via email = shop.customers.email
    on-expiry: keep-row
    fields: {contact: [email], technical: [ip]}
  shop.logins: {subject: customer, on-expiry: keep-row, fields: {technical: [ip, user_agent]}}
"""

BLANKED = """
UPDATE order_items SET engraving = NULL WHERE order_id IN (SELECT id FROM o);
UPDATE payments SET billing_name = NULL, billing_postcode = NULL, card_last4 = NULL
  WHERE order_id IN (SELECT id FROM o);
UPDATE orders SET gift_message = NULL WHERE id IN (SELECT id FROM o);
UPDATE addresses SET city = NULL, country = NULL, line1 = NULL, line2 = NULL, postcode = NULL
  WHERE customer_id IN (SELECT id FROM s);
UPDATE logins SET ip = NULL, user_agent = NULL WHERE customer_id IN (SELECT id FROM s);
UPDATE support_tickets SET body = NULL, email = NULL, ip = NULL, subject = NULL
  WHERE customer_id IN (SELECT id FROM s) OR email IN (SELECT email FROM s);
UPDATE newsletter_subscriptions SET email = NULL, ip = NULL WHERE email IN (SELECT email FROM s);
UPDATE customers SET country = NULL, date_of_birth = NULL, email = NULL, first_name = NULL, last_name = NULL,
  marketing_opt_in = NULL, notes = NULL, phone = NULL WHERE id IN (SELECT id FROM s)
"""

HEAVY = """
INSERT INTO logins (customer_id, ip, user_agent, at) SELECT {id}, '10.9.9.9', 'Mozilla/5.0 Firefox/' || n, now()
  FROM generate_series(1, 50000) n;
WITH o AS (INSERT INTO orders (customer_id, status, total_cents, currency, gift_message, placed_at)
  SELECT {id}, 'paid', n, 'EUR', 'Greetings', now() FROM generate_series(1, 5000) n RETURNING id),
  p AS (INSERT INTO payments (order_id, amount_cents, card_brand, card_last4, billing_name, paid_at)
  SELECT id, 1, 'visa', '0000', 'Heavy Buyer', now() FROM o)
INSERT INTO order_items (order_id, sku, quantity, engraving) SELECT id, 'SKU', n, 'For me'
  FROM o, generate_series(1, 2) n;
"""
"""One customer with 70,000 rows more."""


def script() -> str:
    """Return the script that loads the shop, ready to measure."""
    shared = SHARED / "bench" / "shop.sql"
    path = shared if shared.exists() else Path(__file__).with_name("shop.sql")
    text = path.read_text(encoding="utf-8")
    return "\n".join(line for line in text.splitlines() if not line.startswith("\\")) + "\nVACUUM ANALYZE;\n"


def project(folder: Path) -> Path:
    """Write the shop's project."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "troth.yaml").write_text(POLICY, encoding="utf-8")
    (folder / "datamap.yaml").write_text(DATAMAP, encoding="utf-8")
    return folder


def by_hand(url: str, mails: list[str]) -> int:
    """Blank the same fields as an expert would: two temporary tables, one transaction, no bookkeeping."""
    rows = 0
    with psycopg.connect(url) as connection:
        connection.execute(
            "CREATE TEMP TABLE s AS SELECT id, email FROM customers WHERE email = ANY (%s)", (mails,)
        )
        connection.execute(
            "CREATE TEMP TABLE o AS SELECT id FROM orders WHERE customer_id IN (SELECT id FROM s)"
        )
        connection.execute("ANALYZE s; ANALYZE o")
        for statement in BLANKED.split(";\n"):
            rows += connection.execute(statement).rowcount
    return rows
