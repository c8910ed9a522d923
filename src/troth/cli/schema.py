"""`troth schema`: the JSON Schema of a project's files, for editors."""

from __future__ import annotations

import json

from troth.cli import screen


def schema() -> None:
    """Print the JSON Schema of troth.yaml and the files it includes."""
    from troth.reading.schema import json_schema

    screen.write(json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n")
