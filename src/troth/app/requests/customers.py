"""Requests about data we hold for somebody else: whose customer, passed on, and done only under an instruction.

No letter to a person names a customer whom the person did not name. Who the customer is stands sealed.
"""

from __future__ import annotations

import re

from troth.app.requests import letters
from troth.app.requests.opening import Changed, Doing
from troth.app.requests.steps import Before, Made, Place, said, take
from troth.cases.case import Case
from troth.errors import Refused
from troth.evidence.fields import CODE
from troth.ledger.ledger import Ledger
from troth.problems import BadInput, Problem


def ask(id: int, doing: Doing, at: Place) -> Changed:
    """Ask the person whose customer they are; the letter names nobody."""

    def step(before: Before) -> Made:
        data = {
            "why": "That organisation decides about the data, and only it can answer you.",
            "by": before.work.now.date() + letters.PATIENCE,
        }
        letter = letters.put(before.work, before.case, before.contents, "which-customer", data)
        return Made(kind="customer.asked", letter=letter)

    return take(id, step, doing, at)


def name(id: int, customer: str, doing: Doing, at: Place) -> Changed:
    """Write down for which controller the data is held; sealed."""
    said("The name of the customer is missing.", customer)
    made = Made(kind="customer.named", text={"customer": customer.strip()}, role="processor")
    return take(id, lambda _: made, doing, at)


def ours(id: int, doing: Doing, at: Place) -> Changed:
    """Write down that we are the controller of this data ourselves."""
    return take(id, lambda _: Made(kind="customer.named", role="controller"), doing, at)


def refer(id: int, to: str, doing: Doing, at: Place) -> Changed:
    """Pass a request on to the controller, and tell the person.

    Args:
        id: The request.
        to: The controller's address.
        doing: By whom, and when.
        at: Project, environment and clock.

    Raises:
        Refused: when we are the controller, or nobody knows who is.
    """
    said("The address of the customer is missing.", to)

    def step(before: Before) -> Made:
        work, case = before.work, before.case
        customer = of(work.ledger, case)
        if case.role == "controller" or not customer:
            why = "we are the controller" if case.role == "controller" else "nobody knows to whom"
            raise Refused(
                f"{case.reference} cannot be passed on: {why}.",
                hint=f"Name the customer, or ask the person: `troth request customer {id}`.",
            )
        contents = before.contents
        data = {
            "request": f"a request of a person: {case.kind.says[:1].lower()}{case.kind.says[1:]}",
            "who": [*contents.identities, *((contents.name,) if contents.name else ())],
            "ask": ["Tell us what to do, with a number of yours for the instruction.", "Answer the person."],
        }
        letter = letters.put(work, case, contents, "referral", data, to=to.strip())
        if not letter:
            raise Refused("Without a contact of ours in the policy nobody can answer: add one, then repeat.")
        told = letters.put(
            work, case, contents, "referral-told", {"customer": customer, "passed": work.now.date()}
        )
        notes = () if told else ("The person has no address here: tell them whom you passed it on to.",)
        return Made(kind="referred", text={"to": to.strip()}, letter=letter, notes=notes)

    return take(id, step, doing, at)


def instruct(id: int, instruction: str, doing: Doing, at: Place) -> Changed:
    """Write down the controller's instruction: only under it is anything done.

    Raises:
        BadInput: when its number cannot be written as a code.
    """
    code = "-".join(re.findall(r"[a-z0-9]+", instruction.casefold()))
    if not CODE.accepts(code):
        hint = "Begin it with a letter: `OZ-17`; at most nine parts."
        raise BadInput([Problem(code="bad-value", message="The instruction is no number of one.", hint=hint)])
    return take(id, lambda _: Made(kind="instructed", body={"instruction": code}), doing, at)


def of(ledger: Ledger, case: Case) -> str:
    """Return the controller that was named last; nothing where none was, or where it is us."""
    named = case.last("customer.named")
    if named is None or not named.has_text:
        return ""
    return str((ledger.cases.text(case.id, named.number) or {}).get("customer", ""))
