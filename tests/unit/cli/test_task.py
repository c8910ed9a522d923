"""What `troth task` takes as the number of a task."""

from __future__ import annotations

import pytest

from troth.cli import task
from troth.problems import BadInput


@pytest.mark.parametrize("text", ["x", "-1", "1.5", "", "²"])
def test_a_task_is_named_by_its_number(text: str) -> None:
    """Anything else is refused in words of ours, with where the numbers stand."""
    with pytest.raises(BadInput) as refused:
        task._number(text)
    assert refused.value.problems[0].hint == "Take it from the first column of `troth task list`."
