"""The one place where an error becomes words and an exit code.

Every command runs inside `run`. Troth's own errors carry their message and their code; whatever else comes this
far is a bug and is said in one line, with a traceback only when TROTH_DEBUG=1 asks for one.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import typer

from troth.cli import exits, screen
from troth.errors import TrothError
from troth.problems import BadInput

DEBUG = "TROTH_DEBUG"
NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
LARGEST_SOURCE = 2_000_000
"""Bytes read of a file to show the lines problems stand in."""


def run(app: Callable[..., Any], arguments: Sequence[str]) -> int:
    """Run the command line application and return the exit code; no exception leaves this function."""
    try:
        code = app(args=list(arguments) or ["--help"], standalone_mode=False, prog_name="troth")
        sys.stdout.flush()
        if code == exits.INTERRUPTED:  # Typer's own answer to Ctrl-C
            return _interrupted()
        return code if isinstance(code, int) else exits.DONE
    except Exception as error:  # noqa: BLE001 the edge of the process
        return _told(error)
    except KeyboardInterrupt:
        return _interrupted()
    except SystemExit as left:  # how Typer leaves when a pipe was closed
        return _closed() if isinstance(left.__context__, BrokenPipeError) else _code(left)


def leave(error: Exception) -> NoReturn:
    """Say what went wrong and end the process at once, where threads would keep it from ending."""
    code = _told(error)
    with contextlib.suppress(OSError):
        sys.stdout.flush()
    os._exit(code)


def _code(left: SystemExit) -> int:
    return left.code if isinstance(left.code, int) else exits.DONE


def _told(error: Exception) -> int:
    if os.environ.get(DEBUG) == "1":
        traceback.print_exception(error, file=sys.stderr)
    match error:
        case typer.Exit():
            return int(error.exit_code)
        case typer.Abort():
            return _interrupted()
        case BadInput():
            screen.complain(problems(error))
            return error.exit_code
        case TrothError():
            screen.complain(_sentence(error))
            return error.exit_code
        case BrokenPipeError():
            return _closed()
        case OSError():
            return _system(error)
        case _:
            return _usage(error) if hasattr(error, "format_message") else _bug(error)


def _sentence(error: TrothError) -> str:
    hint = f"\n  to do: {error.hint}" if error.hint else ""
    return f"troth: {error.message}{hint}\n"


def problems(error: BadInput) -> str:
    """Render every problem of refused input, with the lines they stand in where they can be read."""
    from troth.grammar import render

    names = {problem.span.file for problem in error.problems if problem.span}
    return render.render_text(error.problems, {name: _lines(name) for name in names})


def _lines(name: str) -> Sequence[str]:
    """Read the lines of a file of the project in use, or of one the user named."""
    path = screen.project() / name
    if not path.is_file():
        return ()
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_SOURCE).decode("utf-8", errors="replace").split("\n")
    except OSError:
        return ()


def _interrupted() -> int:
    screen.complain(
        "\ntroth: Stopped. Nothing is half-done: what was finished is kept, the batch at work was rolled back.\n"
        "  to do: run the same command again; it goes on from there.\n"
    )
    return exits.INTERRUPTED


def _closed() -> int:
    """Leave quietly, and keep Python from complaining when it flushes what nobody reads."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return exits.CLOSED_PIPE


def _system(error: OSError) -> int:
    where = Path(os.fsdecode(error.filename)).name if error.filename else "the output"
    if error.errno in NO_ROOM:
        screen.complain(
            f"troth: The disk is full: {where} could not be written.\n"
            "  to do: make room and run the same command again; nothing was left half-done.\n"
        )
        return exits.STORE
    reason = error.strerror or type(error).__name__
    screen.complain(
        f"troth: {error.filename or where} cannot be read or written: {reason}.\n"
        "  to do: look at the path and at who may read it, then run the same command again.\n"
    )
    return exits.INPUT


def _usage(error: Any) -> int:
    """Say what is wrong with the command line itself."""
    context = getattr(error, "ctx", None)
    usage = f"{context.get_usage()}\n" if context else ""
    hint = f"  to do: {context.command_path} --help lists what can be given.\n" if context else ""
    screen.complain(f"{usage}troth: {error.format_message()}\n{hint}")
    return exits.INPUT


def _bug(error: Exception) -> int:
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1] if frames else None
    where = f"{Path(last.filename).name}:{last.lineno}" if last else "nowhere"
    screen.complain(
        f"troth: A bug in Troth ({type(error).__name__} at {where}); nothing you did. "
        f"Please report it; {DEBUG}=1 shows more.\n"
    )
    return exits.BUG
