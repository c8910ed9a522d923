"""Which role may do what: every view of the console asks, and staff who may not are told who may."""

from __future__ import annotations

import json

import pytest

from desk.serving import Served

VIEWS = """
import json
from django.urls import get_resolver
from troth.desk.console import urls
found = [(one.name, getattr(one.callback, "needs", "")) for one in urls.urlpatterns if hasattr(one, "callback")]
sys.stdout.write(json.dumps(found))
"""


def test_every_view_of_the_console_is_guarded(desk: Served) -> None:
    """No screen is open to whoever is not signed in, or forgets to ask for a deed."""
    views = json.loads(desk.project.run(VIEWS))
    assert len(views) > 20
    assert [name for name, deed in views if not deed] == []


@pytest.mark.parametrize(
    "page", ["/desk/", "/desk/requests/", "/desk/promises/", "/desk/plans/", "/desk/holds/"]
)
def test_an_auditor_may_look(desk: Served, page: str) -> None:
    """The read-only role sees every screen."""
    assert desk.signed_in("auditor").get(page, follow=False).status == 200


def test_who_may_not_is_told_who_may(desk: Served) -> None:
    """An auditor who would change something gets 403 and the names of the roles that may."""
    answer = desk.signed_in("auditor").post("/desk/jobs/check/")
    assert answer.status == 403
    assert "Only the engineer may run checks and jobs" in answer.words
    assert "You are signed in as Aude Martin, auditor" in answer.words


def test_another_role_counts_from_the_next_page(desk: Served) -> None:
    """Whoever is given another role has it at once, without signing in again."""
    visitor, change = desk.signed_in("agent"), desk.project.troth
    assert visitor.post("/desk/jobs/check/", follow=False).status == 403
    change("staff", "role", "Agnes Vogel", "engineer")
    try:
        assert visitor.post("/desk/jobs/check/", follow=False).status == 302
    finally:
        change("staff", "role", "Agnes Vogel", "agent")


def test_a_user_who_is_no_staff_gets_nowhere(desk: Served) -> None:
    """A sign-in that belongs to no member of staff opens no screen."""
    visitor = desk.signed_in("engineer")
    staff = desk.project.staff["engineer"].staff
    desk.project.run(
        "from troth.desk import here\nfrom troth.ledger.models_desk import Account\n"
        "from troth.ledger.ledger import Ledger\n"
        f"with here.ledger().writing() as a: Account.objects.using(a).filter(staff_id={staff}).delete()\n"
    )
    answer = visitor.get("/desk/")
    assert answer.status == 403
    assert "belongs to no member of staff" in answer.words
