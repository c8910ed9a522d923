"""Nobody learns who is known by the time an answer takes: what differs is done after it, nobody knows when."""

from __future__ import annotations

import json

from desk.serving import Project

ASKED = """
import json
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from troth.desk.accounts.forgotten import Forgotten
from troth.desk.public import later
later.SOONEST = later.LATEST = 3600.0
told = {}
for email in sys.argv[2:]:
    form = Forgotten({"email": email})
    with CaptureQueriesContext(connection) as asked:
        assert form.is_valid()
        form.save(RequestFactory().post("/"))
    told[email] = len(asked)
print(json.dumps(told), flush=True)
os._exit(0)  # nobody waits for what is done in an hour
"""
BEGAN = """
import json, time
from troth.desk.public import later
asked, began = [], []
for _ in range(4):
    asked.append(time.monotonic())
    later.do(lambda: began.append(time.monotonic()))
later.settle()
print(json.dumps([late - early for early, late in zip(asked, sorted(began))]))
"""


def test_who_has_an_account_is_not_looked_up_before_the_answer(project: Project) -> None:
    """Asking for a new password asks the ledger nothing of the account, whoever asks."""
    told = json.loads(project.run(ASKED, project.staff["lead"].email, "nobody@desk.example"))
    assert list(told.values()) == [0, 0]


def test_what_is_done_later_begins_when_nobody_can_say(project: Project) -> None:
    """It begins once the answer is long gone, so that neither that answer nor the next is slower for it."""
    waits = json.loads(project.run(BEGAN))
    assert min(waits) >= 0.3
    assert len({round(one, 3) for one in waits}) > 1
