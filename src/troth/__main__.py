"""Start the command line: `python -m troth`, or `troth` once installed.

The version is answered before anything else is imported, so that scripts may ask for it often.
"""

from __future__ import annotations

import sys

from troth import __version__


def main() -> int:
    """Run the command line on this process's arguments and return its exit code."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        sys.stdout.write(f"troth {__version__}\n")
        return 0
    from troth.cli import edge
    from troth.cli.main import app

    return edge.run(app, sys.argv[1:])


if __name__ == "__main__":
    raise SystemExit(main())
