"""Say which tests go to the same process when they are spread over several by pytest-xdist.

Files whose tests share something dear stay whole and go first, each by the process that comes free; all other tests
go one by one, the quickest last, so that no process waits long for another at the end. The groups of xdist
itself (`--dist loadgroup`) do nothing under pytest 9.2: it looks for names where pytest no longer keeps them.
"""

from __future__ import annotations

import re

from xdist.scheduler import LoadScopeScheduling

WHOLE = re.compile(r"tests/(desk/\w+|e2e/test_(demo_serve|example_\w+|upgrade))\.py")
"""Files with a server, a browser, or an example that is made once for them."""


class Spreading(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Give out whole files of some, single tests of all others."""

    def _split_scope(self, nodeid: str) -> str:
        whole = WHOLE.match(nodeid)
        return whole[0] if whole else nodeid
