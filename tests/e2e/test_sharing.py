"""Recipients, disclosures and choices by the installed command."""

from __future__ import annotations

import json
from dataclasses import replace

from e2e.shops import Shop, refused

ADS = ("recipient", "add", "Ads Ltd", "--role", "buyer", "--category", "contact", "--contact", "Eve Holt")


def with_purpose(shop: Shop) -> None:
    """Declare what data is used for."""
    shop.write("troth.yaml", "retention:\n", "purposes: {marketing: {uses: [contact]}}\nretention:\n")


def test_who_got_what_of_a_person(any_shop: Shop) -> None:
    """A list of people is one entry; each is found by key or by number, and nobody else."""
    with_purpose(any_shop)
    assert any_shop.troth(*ADS).returncode == 0
    order = ("disclosure", "add", "--to", "ads ltd", "--kind", "sale", "--dataset", "app.customers")
    people = "# first batch\n" + "".join(f"customer/{n}\n" for n in range(1, 4))
    done = any_shop.troth(*order, "--purpose", "marketing", "--from", "-", stdin=people)
    assert "3 people" in done.stdout, done.stderr
    listed = any_shop.troth("disclosure", "list", "id:2", "--format", "json")
    (row,) = json.loads(listed.stdout)
    assert (row["recipient"], row["categories"], row["people"]) == ("Ads Ltd", ["contact", "identity"], 3)
    assert "says nothing" in any_shop.troth("disclosure", "list", "customer/9").stdout
    said = any_shop.troth("evidence", "list").stdout + done.stdout
    assert "disclosure.made" in said
    assert "Eve" not in said


def test_a_list_with_faults_writes_nothing(shop: Shop) -> None:
    """Every line that cannot be read is named by its number, never by its value."""
    with_purpose(shop)
    shop.troth(*ADS)
    order = ("disclosure", "add", "--to", "Ads Ltd", "--category", "contact", "--purpose", "marketing")
    bad = shop.troth(*order, "--from", "-", stdin="customer/1\nrubbish-4711\nadress:x\n")
    refused(bad, 2, "line 2", "line 3")
    assert "4711" not in bad.stderr
    refused(shop.troth(*order[:3], "Adz Ltd", *order[4:], "customer/1"), 2, "Ads Ltd")
    assert "says nothing" in shop.troth("disclosure", "list").stdout


def test_a_choice_is_known_by_every_identity_and_outlives_the_row(any_shop: Shop) -> None:
    """Recorded by key, asked by address, also after the row is gone."""
    made = any_shop.troth("choice", "record", "customer/2", "--what", "sale", "--decision", "out")
    assert made.returncode == 0, made.stderr
    any_shop.sql("DELETE FROM orders WHERE customer_id = 2")
    any_shop.sql("DELETE FROM customers WHERE id = 2")
    asked = any_shop.troth("choice", "show", "email:N2@example.org", "--format", "json")
    assert asked.returncode == 1
    assert [one["what"] for one in json.loads(asked.stdout)] == ["sale"]
    nobody = any_shop.troth("choice", "show", "customer/3")
    assert (nobody.returncode, nobody.stdout) == (0, "Nothing was chosen.\n")
    refused(any_shop.troth("choice", "record", "id:1", "--what", "sales", "--decision", "out"), 2, "sale")


def test_somebody_nobody_knows_can_opt_out(shop: Shop) -> None:
    """No store has to have the person."""
    who = "email:nobody@example.org"
    assert shop.troth("choice", "record", who, "--what", "marketing", "--decision", "out").returncode == 0
    assert shop.troth("choice", "show", who, "--what", "marketing").returncode == 1


def test_a_choice_does_not_wait_for_stores(shop: Shop) -> None:
    """Where a store cannot say who is meant, or does not answer, it counts for the identities as given."""
    shop.sql("UPDATE customers SET email = 'n2@example.org' WHERE id = 3")
    order = ("--what", "sale", "--decision", "out")
    shared = shop.troth("choice", "record", "email:n2@example.org", *order)
    assert (shared.returncode, "as given" in shared.stdout) == (0, True), shared.stderr
    away = replace(shop, url="sqlite:////nowhere/shop.sqlite")
    gone = away.troth("choice", "record", "phone:+14155550100", "customer/5", *order)
    assert gone.returncode == 0, gone.stderr
    for who in ("email:n2@example.org", "customer/5", "phone:+1 415 555 0100"):
        assert shop.troth("choice", "show", who).returncode == 1
    assert shop.troth("choice", "show", "customer/3").returncode == 0
