"""The reference page says what the code does: kinds, types, messages, formats, and the example by hand."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from troth.evidence import entry, fields, keyfiles, kinds, verify
from unit.evidence.makers import made_bundle, made_log, members

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "evidence.md"
TEXT = PAGE.read_text()


def between(mark: str) -> str:
    """Return what stands between two marks of the page."""
    return TEXT.split(f"<!-- {mark} -->\n")[1].split(f"<!-- /{mark} -->")[0]


def kinds_table() -> str:
    """Write the registry as the page shows it."""
    rows = ["| kind | states | fields |", "|---|---|---|"]
    for kind in kinds.ALL.values():
        shown = [f"**`{name}`** {what.name}" for name, what in kind.required.items()]
        shown += [f"`{name}` {what.name}" for name, what in kind.optional.items()]
        rows.append(f"| `{kind.name}` | {kind.says} | {'; '.join(shown)} |")
    return "\n".join(rows) + "\n"


def types_table() -> str:
    """Write the field types as the page shows them."""
    rows = ["| type | takes |", "|---|---|"]
    rows += [f"| {kind.name} | {kind.takes} |" for kind in fields.TYPES]
    return "\n".join([*rows, f"| list of … | at most {fields.MAX_ITEMS} of them |"]) + "\n"


def test_kinds_are_documented() -> None:
    """The table of kinds is the registry."""
    assert between("kinds") == kinds_table()


def test_types_are_documented() -> None:
    """The table of types is the list of types."""
    assert between("types") == types_table()


def test_every_type_in_use_is_documented() -> None:
    """A field has a plain type, a choice, or a list of plain ones."""
    known = {kind.name for kind in fields.TYPES}
    used = {
        what.name.removeprefix("list of ") for kind in kinds.ALL.values() for what in kind.fields.values()
    }
    assert {name for name in used if not name.startswith("one of ")} <= known


@pytest.mark.parametrize("name", kinds.ALL)
def test_kinds_are_well_formed(name: str) -> None:
    """Kinds are two or three words with dots or dashes, their sentence ends, and no field is named twice."""
    kind = kinds.ALL[name]
    assert re.fullmatch(r"[a-z]+(?:[.-][a-z]+){0,3}", name)
    assert kind.says.endswith(".")
    assert not kind.required.keys() & kind.optional.keys()


@pytest.mark.parametrize(
    "word",
    [
        entry.FORMAT,
        verify.BUNDLE_FORMAT,
        f"{entry.MAX_BYTES:,}",
        f"{verify.MAX_LINE:,}",
        *verify.MEMBERS,
        *(status.value for status in verify.Status),
        keyfiles.SIGNING,
        keyfiles.TOMBSTONES,
        keyfiles.COMMITMENTS,
        keyfiles.PUBLIC,
    ],
)
def test_names_and_limits_are_documented(word: str) -> None:
    """Formats, files, limits and verdicts stand on the page."""
    assert word in TEXT


def test_the_examples_are_real() -> None:
    """The entry, the checkpoint and the key on the page are ones that Troth reads."""
    example = TEXT.split("```json\n")[1].split("\n```")[0]
    assert entry.Entry.decode(example.encode()).kind == "hold.lifted"
    note, key = TEXT.split("```text\n")[1].split("```")[0], TEXT.split("```text\n")[2].split("\n")[0]
    assert verify.open_checkpoint(note, verify.VerifierKey.parse(key)).size == 10


def test_the_example_by_hand(tmp_path: Path) -> None:
    """The commands on the page print the same hash twice."""
    for name, data in members(made_bundle(made_log(2))).items():
        (tmp_path / name).write_bytes(data)
    commands = TEXT.split("```bash\n")[1].split("```")[0]
    done = subprocess.run(["bash", "-ec", commands], cwd=tmp_path, capture_output=True, text=True, check=True)
    computed, recorded = done.stdout.split()
    assert computed == recorded == verify.leaf_hash(next(made_log(1).entries())).hex()
