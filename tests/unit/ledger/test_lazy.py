"""What importing the ledger costs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SRC = Path(__file__).parents[3] / "src"


def test_importing_the_ledger_imports_no_django() -> None:
    """Only `open` brings in Django; the package and its plain records do not."""
    code = (
        "import sys, troth.ledger, troth.ledger.records, troth.holds.register, troth.holds.facts;"
        "print([m for m in sys.modules if m.split('.')[0] == 'django'])"
    )
    environment = {"PYTHONPATH": str(SRC)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout.strip() == "[]"
