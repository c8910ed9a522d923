"""YAML with places: what is read, where it stands, and every reason to refuse it."""

from __future__ import annotations

import time

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from troth.grammar import characters, nodes
from troth.grammar.nodes import compose


def codes(data: bytes) -> list[str]:
    """Read a file and return `code line:column` of each fault."""
    return [
        f"{p.code} {p.span.line}:{p.span.column}" if p.span else p.code
        for p in compose("f.yaml", data).problems
    ]


def test_knows_the_place_of_key_and_value() -> None:
    """Each key and value has its own span, block values ending with their last line."""
    places = compose("f.yaml", b"a: 1\nb:\n  c: [x, {y: 2}]\nz: 1\n").places
    assert str(places[("b", "c", 1, "y")].key) == "f.yaml:3:11"
    assert places[("b",)].value.end_line == 3
    assert places[("b", "c", 0)].value.column == 7


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-3", -3),
        ("0x1F", 31),
        ("0o17", 15),
        ("017", 17),
        ("1_000", "1_000"),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("12:30", "12:30"),
        ("2025-05-23", "2025-05-23"),
        ("'12'", "12"),
        ("+1 555 0100", "+1 555 0100"),
        ("9" * 40, "9" * 40),
    ],
)
def test_reads_scalars_as_yaml_1_2(written: str, read: object) -> None:
    """Only true, false, null and numbers are not text."""
    assert compose("f.yaml", f"a: {written}\n".encode()).values == {"a": read}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a: 1\nb: 2\na: 3\n", ["duplicate-key 3:1"]),
        (b"a: {b: 1, b: 2}\nc: {d: 1, d: 2}", ["duplicate-key 1:11", "duplicate-key 2:11"]),
        (b"a:\n\t- b\n\tc: d", ["bad-yaml 2:1", "bad-yaml 3:1"]),
        (b"a: {b: \t[{c: x}], d: }, e]", ["bad-yaml 1:23"]),
        (b"a: [1,\nb: 2\n", ["bad-yaml 3:1"]),
        (b"a: 'x", ["bad-yaml 1:6"]),
        (b"ok: 1\na: \xff", ["bad-encoding 2:4"]),
        (b"\xff\xfea\x00", ["bad-encoding 1:1"]),
        (b"a: \x00 b", ["bad-yaml 1:4"]),
        (b"", ["bad-yaml 1:1"]),
        (b"# nothing\n", ["bad-yaml 1:1"]),
        (b"- a\n", ["bad-yaml 1:1"]),
        (b"just text", ["bad-yaml 1:1"]),
        (b"a: &x 1\nb: *x", ["bad-yaml 1:4"]),
        (b"a: *x", ["bad-yaml 1:4"]),
        (b"a: 1\n---\nb: 2", ["bad-yaml 2:1"]),
        (b"[1, 2]: x", ["bad-yaml 1:1"]),
        (b"? {a: 1}\n: 2", ["bad-yaml 1:3"]),
        (b"a: !!python/object/apply:os.system [x]", ["bad-yaml 1:4"]),
        (b"a: " + b"[" * 40 + b"]" * 40, ["too-large 1:33"]),
        (b"a: [" + b"1," * nodes.MAX_NODES + b"1]", ["too-large 1:399999"]),
        (b"a: " + b"x" * characters.MAX_BYTES, ["too-large 1:1"]),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_refuses_what_is_no_project(data: bytes, expected: list[str]) -> None:
    """Each kind of bad file is a fault with its place, never an exception."""
    assert codes(data) == expected


def test_a_doubled_key_names_both_places() -> None:
    """The message says where the key stood first and where again; the first value stays."""
    document = compose("f.yaml", b"a: 1\na: 2\n")
    assert "f.yaml:1:1" in document.problems[0].message
    assert "f.yaml:2:1" in document.problems[0].message
    assert document.values == {"a": 1}


def test_a_byte_order_mark_is_no_text() -> None:
    """A file that starts with a BOM reads as one without."""
    assert compose("f.yaml", b"\xef\xbb\xbfa: 1").values == {"a": 1}


def test_a_bomb_is_refused_quickly() -> None:
    """A YAML bomb costs no more than its bytes."""
    levels = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9) if n else 'x'}]\n" for n in range(20))
    started = time.process_time()
    assert codes(levels.encode())[0].startswith("bad-yaml")
    assert codes(b"[" * 1_900_000) == ["bad-yaml 1:1"]
    assert time.process_time() - started < 0.5


TEXT = st.text(st.characters(blacklist_categories=["Cs", "Cc", "Cn"]), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-999, 999) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(TEXT, VALUES, min_size=1, max_size=4))
def test_reads_back_what_was_written(values: dict[str, object]) -> None:
    """Whatever a YAML writer puts down with quotes is read back the same, each value with a place."""
    written = yaml.safe_dump(values, default_style='"', allow_unicode=True)
    document = compose("f.yaml", written.encode())
    assert document.problems == []
    assert _as_text(document.values) == _as_text(values)
    assert all(document.places[(key,)].key.line >= 1 for key in values)


def _as_text(value: object) -> object:
    """Compare by what is written: quoted scalars of another tag are text here."""
    if isinstance(value, dict):
        return {key: _as_text(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_as_text(inner) for inner in value]
    return {None: "null", True: "true", False: "false"}.get(value, value) if _is_word(value) else str(value)


def _is_word(value: object) -> bool:
    return value is None or isinstance(value, bool)
