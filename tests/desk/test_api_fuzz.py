"""The interface as its own document describes it, tried with what schemathesis thinks of."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.config import SchemathesisConfig

from desk.api_calls import Api, make_keys
from desk.serving import Served

EXAMPLES = 10
"""Of each address and each sort of call; TROTH_EXPLORE=1 tries other ones, and more."""
BOUNDED = settings(
    max_examples=100 if "TROTH_EXPLORE" in os.environ else EXAMPLES,
    derandomize="TROTH_EXPLORE" not in os.environ,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)


@pytest.fixture(scope="module")
def api(serve_once: Served) -> Api:
    """Return the interface of a desk that lets its keys call as often as they like."""
    return Api(served=serve_once, keys=make_keys(serve_once.project))


@pytest.fixture(scope="module")
def serve_once(project: Any) -> Any:
    """Serve the file's project without a limit on calls."""
    from desk import serving

    with serving.serving(project, TROTH_API_RATE="100000") as served:
        yield served


def addresses(api: Api) -> list[Any]:
    """Return every address with every method the document has."""
    schema = schemathesis.openapi.from_url(
        f"{api.served.address}/api/v1/openapi.json", config=SchemathesisConfig()
    )
    return [one.ok() for one in schema.get_all_operations()]


def tried(operation: Any, call: Callable[[Any], None], mode: Any) -> None:
    """Try an address with calls of one sort."""

    @BOUNDED
    @schemathesis.generation.hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def run(case: Any) -> None:
        call(case)

    run()
