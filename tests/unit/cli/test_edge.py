"""Every error becomes a sentence and an exit code at one place."""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import NoReturn

import pytest

from troth.cli import edge, exits
from troth.errors import Damaged, Refused, StoreError
from troth.problems import BadInput, Problem

FAULT = BadInput([Problem(code="bad-period", message="No period.", found="2 yeras")])


def raising(error: BaseException) -> Callable[..., NoReturn]:
    """Return an application that raises."""

    def app(**_: object) -> NoReturn:
        raise error

    return app


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (StoreError("No store.", hint="Start it."), exits.STORE, ["No store.", "to do: Start it."]),
        (Refused("Stale."), exits.REFUSED, ["Stale."]),
        (Damaged("Cut."), exits.DAMAGED, ["Cut."]),
        (FAULT, exits.INPUT, ["bad-period", "2 yeras"]),
        (KeyboardInterrupt(), exits.INTERRUPTED, ["Nothing is half-done"]),
        (OSError(errno.ENOSPC, "No space", "plan.json"), exits.STORE, ["disk is full", "plan.json"]),
        (
            PermissionError(errno.EACCES, "Permission denied", "x.json"),
            exits.INPUT,
            ["x.json", "Permission", "to do: look at the path"],
        ),
        (ZeroDivisionError("secret"), exits.BUG, ["A bug in Troth", "ZeroDivisionError"]),
    ],
)
def test_an_error_is_said_and_counted(
    capsys: pytest.CaptureFixture[str], error: BaseException, code: int, words: list[str]
) -> None:
    """Message and hint go to standard error, nothing to standard output, no traceback."""
    assert edge.run(raising(error), ["check"]) == code
    said = capsys.readouterr()
    assert said.out == ""
    assert all(word in said.err for word in words)
    assert "Traceback" not in said.err


def test_a_bug_does_not_repeat_a_value(capsys: pytest.CaptureFixture[str]) -> None:
    """The text of an unexpected exception may be personal and is not shown."""
    edge.run(raising(ValueError("jane@example.org")), [])
    assert "jane" not in capsys.readouterr().err


def test_a_traceback_is_shown_on_request(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """TROTH_DEBUG=1 shows where it happened."""
    monkeypatch.setenv("TROTH_DEBUG", "1")
    edge.run(raising(ValueError("x")), [])
    assert "Traceback" in capsys.readouterr().err


def test_the_code_of_a_command_is_passed_on() -> None:
    """What a command leaves with is what the process leaves with; nothing is 0."""
    assert edge.run(lambda **_: 4, []) == 4
    assert edge.run(lambda **_: None, []) == exits.DONE
