"""The files of an export: JSON by its schema, a page that runs nothing, manifests that hold."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from troth.evidence.note import Signer
from troth.evidence.verify import Invalid
from troth.rights import export_json, export_manifest, export_page, export_schema
from troth.rights.export import REASONS
from troth.rights.export_manifest import Count, File, Folder
from troth.rights.export_page import Section
from troth.rights.export_rows import Shown
from troth.rights.export_style import DARK, LIGHT, READ_ON, STYLE
from troth.rights.export_text import AsText
from unit.rights.export_makers import MADE, MAP, dataset, labels

DOCS = Path(__file__).parents[3] / "docs" / "reference" / "export.md"
SIGNER = Signer(name="shop", private=Ed25519PrivateKey.from_private_bytes(b"k" * 32))
HASH = "a" * 64


def fits(schema: dict[str, Any], value: Any, place: str = "$") -> list[str]:
    """Check a value against the parts of JSON Schema that are used here; list what does not fit."""
    kinds = {
        "string": str,
        "object": dict,
        "array": list,
        "integer": int,
        "boolean": bool,
        "null": type(None),
    }
    wanted = schema.get("type", list(kinds))
    wrong = (
        []
        if isinstance(value, tuple(kinds[k] for k in ([wanted] if isinstance(wanted, str) else wanted)))
        else [place]
    )
    wrong += [place] if "const" in schema and value != schema["const"] else []
    wrong += [place] if "enum" in schema and value not in schema["enum"] else []
    wrong += [place] if "pattern" in schema and not re.search(schema["pattern"], value) else []
    if isinstance(value, dict):
        known = schema.get("properties", {})
        wrong += [f"{place}.{key}" for key in schema.get("required", ()) if key not in value]
        for key, one in value.items():
            other = schema.get("additionalProperties", True)
            if key in known:
                wrong += fits(known[key], one, f"{place}.{key}")
            elif other is False:
                wrong.append(f"{place}.{key}")
            elif other is not True:
                wrong += fits(other, one, f"{place}.{key}")
    if isinstance(value, list):
        wrong += [
            w for n, one in enumerate(value) for w in fits(schema.get("items", {}), one, f"{place}[{n}]")
        ]
    return wrong


def written(*rows: str) -> dict[str, Any]:
    """Write a file with some rows of customers, and read it."""
    made = labels()
    text = export_json.head(MADE, made) + export_json.person(3)
    text += export_json.sheet(made.sheets["app.customers"]) + ",\n".join(rows) + export_json.SHEET_END
    value: dict[str, Any] = json.loads(
        text + export_json.tail(["app.messages"], {("app.customers", "unknown-controller"): 2})
    )
    return value


def test_the_file_fits_its_schema() -> None:
    """A file with every kind of remark is valid by the schema that lies beside it."""
    shown = Shown(values={"id": 1}, until={"account": "2026-01-01"}, redacted=("email",))
    value = written(export_json.row(shown, ("sender",)), export_json.row(Shown(values={"id": 2}, until={})))
    assert fits(json.loads(export_schema.text()), value) == []
    assert value["datasets"]["app.customers"]["rows"][0] == {
        "id": 1,
        "@": {"as": ["sender"], "kept-until": {"account": "2026-01-01"}, "redacted": ["email"]},
    }
    assert value["withheld"][0]["why"] == REASONS["unknown-controller"]


def test_the_schema_refuses() -> None:
    """The check of the test itself finds what does not fit."""
    value = written()
    value["datasets"]["app.customers"]["fields"]["id"]["colour"] = "red"
    del value["policy"]
    assert fits(export_schema.SCHEMA, value) == ["$.policy", "$.datasets.app.customers.fields.id.colour"]


def test_a_row_that_comes_as_text() -> None:
    """Text goes in as it is, with what is said of the row behind."""
    shown = Shown(values=AsText('{"a":1.10}'), until={"x": "2026-01-01"})
    assert export_json.row(shown) == '{"a":1.10,"@":{"kept-until":{"x":"2026-01-01"}}}'
    assert export_json.row(Shown(values=AsText('{"a":1.10}'), until={})) == '{"a":1.10}'


def test_a_column_named_like_the_remarks() -> None:
    """A column that is called @ gets one more, so that nothing is lost."""
    shown = Shown(values={"@": "x", "@@": "y"}, until={"k": "2026-01-01"})
    assert json.loads(export_json.row(shown)) == {
        "@@": "x",
        "@@@": "y",
        "@": {"kept-until": {"k": "2026-01-01"}},
    }


class Page(HTMLParser):
    """Reads a page: tags, ids, links, text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a tag."""
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        """Take text."""
        self.text += data


def page(value: str = "plain", label: str = "") -> str:
    """Make a page with one table and one single entry."""
    made = labels(datamap=dataset("app.messages", label=label) if label else MAP)
    customers, messages = made.sheets["app.customers"], made.sheets["app.messages"]
    one = Shown(values={"id": 1, "name": value, "email": None}, until={"account": "2026-01-01"})
    two = Shown(values={"id": 2, "body": value, "to_id": "[someone else]"}, until={})
    sections = [
        Section(sheet=customers, rows=1, withheld={}),
        Section(sheet=messages, rows=500, withheld={"other-controller": 3}),
    ]
    return "".join(
        (
            export_page.head(MADE, made, 1, sections),
            export_page.section(customers, 1, made),
            export_page.single(customers, one, ("customer",)),
            export_page.closed(sections[0], 1, "data.json"),
            export_page.section(messages, 2, made),
            export_page.table(messages, 2),
            export_page.row(messages, two, ("sender",)),
            export_page.TABLE_END,
            export_page.closed(sections[1], 200, "csv/002-app.messages.csv"),
            export_page.foot(MADE, made, sections, ["data.json"]),
        )
    )


@pytest.mark.parametrize(
    "value", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</table>&amp;"]
)
def test_nothing_of_a_value_is_run(value: str) -> None:
    """Values are text, whatever they hold; the page has no script and loads nothing."""
    read = Page(page(value))
    assert read.text.count(value) == 2
    assert not {"script", "img", "link", "iframe", "form"} & set(read.tags)
    assert not [name for name, _ in read.attributes if name.startswith("on") or name == "src"]


def test_the_page_says_what_it_leaves_out() -> None:
    """What is cut off, withheld, not looked at or not there stands on the page."""
    text = " ".join(Page(page()).text.split())
    for words in (
        "the first 200 of 500 entries; all are in csv/002-app.messages.csv",
        "3 entries: we hold it for somebody else",
        "Not looked at: store binders",
        "password_hash: a password or key",
        "Names & all",
        "kept for 2 years after account closed",
        "Customer support (a contract with you needs it)",
        "501 entries about you in 2 of 2 places",
    ):
        assert words in text, words


@pytest.mark.parametrize(
    "label", ["Letters you wrote us", '<b>Yours</b> & "ours"', "</h2><script>x</script>"]
)
def test_a_dataset_goes_by_its_label(label: str) -> None:
    """The label of the data map is heading and line of contents, as text, whatever it holds."""
    read = Page(page(label=label))
    assert read.text.count(label) == 2
    assert not {"script", "b"} & set(read.tags)
    assert "Messages" not in read.text and "app.messages" in read.text


def test_a_label_stands_in_every_place_that_names_the_dataset() -> None:
    """Where nothing was found, or nothing is shown, the label stands beside the name of the dataset."""
    made = labels(datamap=dataset("app.messages", label="Letters & more"))
    sheet = made.sheets["app.messages"]
    empty = export_page.foot(MADE, made, [Section(sheet=sheet, rows=0, withheld={})], [])
    hidden = Section(sheet=replace(sheet, hidden="other-controller"), rows=0, withheld={})
    for text in (empty, export_page.foot(MADE, made, [hidden], [])):
        assert "Letters &amp; more (<code>app.messages</code>)" in text


def test_a_label_in_the_file() -> None:
    """JSON gives the label of a dataset where the map has one, and fits its schema with and without it."""
    made = labels(datamap=dataset("app.messages", label="Letters you wrote us"))
    text = export_json.head(MADE, made) + export_json.person(3)
    text += ",".join(export_json.sheet(s) + export_json.SHEET_END for s in made.sheets.values())
    value: dict[str, Any] = json.loads(text + export_json.tail([], {}))
    assert fits(export_schema.SCHEMA, value) == []
    assert [one.get("label") for one in value["datasets"].values()] == [None, "Letters you wrote us"]


def test_every_link_has_its_place() -> None:
    """The table of contents leads to headings that are there, each once."""
    read = Page(page())
    ids = [value for name, value in read.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    targets = {str(value)[1:] for name, value in read.attributes if name == "href"}
    assert {"d1", "d2"} <= targets <= set(ids)
    assert read.tags.count("h1") == 1 and ("lang", "en") in read.attributes


def test_a_long_value_is_cut() -> None:
    """A value of a million letters does not stand on the page."""
    text = page("x" * 1_000_000)
    assert len(text) < 50_000
    assert "999,000 more letters" in text


def luminance(colour: str) -> float:
    """Compute relative luminance (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_contrast(scheme: dict[str, str]) -> None:
    """Every text keeps 4.5:1 against its ground."""
    for ink, ground in READ_ON:
        low, high = sorted((luminance(scheme[ink]), luminance(scheme[ground])))
        assert (high + 0.05) / (low + 0.05) >= 4.5, (ink, ground)


def test_every_colour_is_declared() -> None:
    """The style uses no colour that a scheme lacks."""
    assert set(re.findall(r"var\(--([a-z-]+)\)", STYLE)) <= set(LIGHT) == set(DARK)


def manifest() -> str:
    """Write an outer manifest."""
    begun = export_manifest.head(MADE, labels())
    counts = [Count(dataset="app.customers", rows=1, withheld={"secret": 1}),
              Count(dataset="app.messages", rows=0, withheld={}, left_out="not-provided")]  # fmt: skip
    files = [File(name="schema.json", sha256=HASH, bytes=5)]
    folders = [
        Folder(person=1, asked=(2,), name="person-0001", rows=1, manifest=HASH),
        Folder(
            person=2,
            asked=(),
            name="person-0002",
            rows=1,
            files=(File(name="csv/a.csv", sha256=HASH, bytes=1),),
        ),
        Folder(person=3, asked=(1,), name="", rows=0),
    ]
    return export_manifest.of_all(begun, counts, files, folders, "00")


def test_a_manifest_reads_back() -> None:
    """What a manifest says is read back, and is JSON with every dataset in it."""
    text = manifest()
    listed = export_manifest.load(text.encode())
    assert [folder.name for folder in listed.folders] == ["person-0001", "person-0002"]
    assert listed.folders[1].files[0].name == "csv/a.csv"
    value = json.loads(text)
    assert value["datasets"][1] == {"dataset": "app.messages", "left-out": "not-provided"}
    assert value["people"][2] == {"person": 3, "asked": [1], "folder": None, "rows": 0}


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/../b", "a//b", "", "a\\b"])
def test_a_manifest_that_leads_elsewhere(name: str) -> None:
    """Names that lead out of the folder are refused."""
    with pytest.raises(Invalid):
        export_manifest.load(manifest().replace('"schema.json"', json.dumps(name)).encode())


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"format":"other"}', b"[" * 100_000])
def test_what_is_no_manifest(data: bytes) -> None:
    """Anything else is refused."""
    with pytest.raises(Invalid):
        export_manifest.load(data)


def test_signatures() -> None:
    """A note holds for its own manifest and key, and for nothing else."""
    data = manifest().encode()
    note = export_manifest.note(hashlib.sha256(data).hexdigest(), MADE.at, SIGNER)
    assert export_manifest.signed(data, note, SIGNER.verifier) == MADE.at
    other = Signer(name="shop", private=Ed25519PrivateKey.from_private_bytes(b"l" * 32))
    for wrong, key in ((data + b" ", SIGNER.verifier), (data, other.verifier)):
        with pytest.raises(Invalid):
            export_manifest.signed(wrong, note, key)


def test_every_reason_is_documented() -> None:
    """The reference page lists every reason and no other."""
    table = DOCS.read_text(encoding="utf-8").partition("## What is withheld")[2].partition("## ")[0]
    assert set(re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE)) == set(REASONS)
