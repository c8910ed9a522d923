"""The interface tried with what schemathesis makes of its own document: valid calls, and calls that are none."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from desk import serving
from desk.api_calls import Api, make_keys
from desk.serving import Project

EXAMPLES = 100 if "TROTH_EXPLORE" in os.environ else 12
"""Of each address, in each phase; always the same ones, unless TROTH_EXPLORE=1 asks for others."""
SEED = () if "TROTH_EXPLORE" in os.environ else ("--seed", "20260131")
NOT_ASKED = (
    "use_after_free",
    "ensure_resource_availability",
    "positive_data_acceptance",
    "unsupported_method",
)
"""What was opened cannot be deleted; what is valid may still be refused, as a withdrawal after the end."""


@pytest.fixture(scope="module")
def api(project: Project) -> Iterator[Api]:
    """Return the interface of a desk that lets its keys call as often as they like."""
    project.troth("check", expect=(0, 1, 4))
    keys = make_keys(project)
    with serving.serving(project, TROTH_API_RATE="1000000") as served:
        made = Api(served=served, keys=keys)
        for kind in ("access", "erase", "object-marketing"):
            made.client().open_request([kind], ["email:ada@example.org"])
        yield made


def fuzzed(api: Api, folder: Path, *more: str) -> str:
    """Run schemathesis over the interface; return what it says."""
    command = [str(Path(sys.executable).with_name("st")), "run", f"{api.served.address}/api/v1/openapi.json"]
    command += ["--checks", "all", *SEED, "--no-color"]
    command += ["--exclude-checks", ",".join(NOT_ASKED), "--suppress-health-check", "all", "--no-shrink"]
    command += ["--max-examples", str(EXAMPLES), "--continue-on-failure", *more]
    (folder / "schemathesis.toml").write_text(f'[auth.openapi.Bearer]\nbearer = "{api.keys["all"]}"\n')
    client = api.client()
    plan = client.make_plan()
    assert plan is not None
    known = {"/api/v1/plans/": plan.hash[:20], "/api/v1/promises/": client.promises()[0].promise}
    environment = {
        **os.environ,
        "SCHEMATHESIS_HOOKS": "desk.api_hooks",
        "PYTHONPATH": str(Path(__file__).parents[1]),
        "TROTH_TEST_KNOWN": json.dumps(known),
    }
    done = subprocess.run(
        command, cwd=folder, env=environment, text=True, capture_output=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr
    return done.stdout


def test_no_call_gets_an_answer_that_is_not_described(api: Api, tmp_path: Path) -> None:
    """Status, media type and content of each are as the document says; nothing ends in an error of ours."""
    said = fuzzed(api, tmp_path, "--phases", "examples,coverage,fuzzing")
    found = re.search(r"(\d+) generated", said)
    assert found is not None, said
    assert int(found[1]) > 300
    assert '"status": 500' not in api.served.said()
