"""Statements whose `kind` names what keeps them: the part after the dot says which check looks at them.

A plain kind (`right-erase`) says what a statement is about and proves nothing. A narrowed one (`right-erase.decided`)
is the author's word that this check is what the statement comes to. Every other kind waits for its mechanism.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from troth.problems import nearest
from troth.promises.checks import deadlines, erasures, holds, identity, rights, routing, scope, unbuilt
from troth.promises.checks import requests as checking
from troth.promises.checks.requests import About
from troth.promises.faults import DECIDED
from troth.promises.given import Given
from troth.promises.listing import Promise
from troth.promises.results import Reason, Result, decide

Check = Callable[[Promise, Given], Result]

RIGHTS = {
    "right-access": "access",
    "right-rectify": "rectify",
    "right-erase": "erase",
    "right-restrict": "restrict",
    "right-object": "object",
    "right-portability": "portability",
    "right-withdraw": "withdraw",
    "right-complain": "complain",
    "right-ccpa-know": "know",
    "right-ccpa-delete": "delete",
    "right-ccpa-optout": "opt-out-of-sale",
}
"""The right behind each kind of statement about one."""
GROUNDS = (
    holds.ANY,
    "court-order",
    "authority-order",
    "legal-hold",
    "statutory-duty",
    "restriction",
    "objection",
    "open-case",
    "dispute",
    "fraud",
)


def _decided(promise: Promise, given: Given, right: str) -> Result:
    """Tell whether every decision has somebody who stands for it, and every refusal its reasons."""
    if given.requests is None:
        return checking.unseen(promise)
    tally = given.requests.of_right(right) if right else given.requests.of()
    return checking.judge(promise, given, About(tally=tally, codes=DECIDED))


def _right(promise: Promise, given: Given, right: str) -> Result:
    return rights.of_right(promise, given, right)


NARROWED: Mapping[str, Check] = {
    **{f"{kind}.answered": partial(_right, right=right) for kind, right in RIGHTS.items()},
    **{f"{kind}.decided": partial(_decided, right=right) for kind, right in RIGHTS.items()},
    "right-erase.kept": erasures.minimal,
    "definition.decided": partial(_decided, right=""),
    "definition.laws": scope.chosen,
    "deadline.requests": partial(deadlines.of_kinds, kinds=()),
    "deadline.complaints": partial(deadlines.of_kinds, kinds=("complain",)),
    "identity-verification.first": identity.first,
    "identity-verification.asked": identity.asked,
    "identity-verification.papers": identity.papers,
    "identity-verification.residence": scope.chosen,
    "processor-role.routed": routing.routed,
    "processor-role.referred": routing.referred,
    "processor-role.asked": routing.asked,
    "processor-role.instructed": routing.instructed,
    **{f"legal-hold.{ground}": partial(holds.of_ground, ground=ground) for ground in GROUNDS},
}
"""What keeps a statement, by its kind. Besides these: `definition.law.` and the name of a law."""


LAW = "definition.law."


def of(kind: str) -> Check | None:
    """Return the check a kind of statement names; None where there is none yet."""
    if kind.startswith(LAW):
        return partial(scope.check, law=kind.removeprefix(LAW))
    return NARROWED.get(kind)


def check(promise: Promise, given: Given) -> Result:
    """Tell what is known of a statement."""
    kind = given.policy.statements[promise.key].kind
    found = of(kind)
    if found is not None:
        return found(promise, given)
    if "." not in kind:
        return unbuilt.check(promise, given)
    close = nearest(kind, NARROWED)
    hint = f"; the nearest is `{close}`" if close else ""
    message = f"No check is called `{kind}`{hint}"
    return decide(promise, reasons=[Reason(code="not-built", message=message)])
