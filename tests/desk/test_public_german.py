"""The German of the privacy centre is whole: every word is there, and every value stands in it."""

from __future__ import annotations

import re
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from troth.laws import shelf

ROOT = Path(__file__).resolve().parents[2] / "src" / "troth" / "desk"
PO = ROOT / "locale" / "de" / "LC_MESSAGES" / "django.po"
TEMPLATES = (
    *(ROOT / "templates" / "desk" / "public").glob("*.html"),
    ROOT / "templates" / "desk" / "page.html",
)
SIMPLE = re.compile(r"""\{% translate (?:"([^"]+)"|'([^']+)')""")
BLOCK = re.compile(r"\{% blocktranslate[^%]*%\}(.*?)\{% endblocktranslate %\}", re.S)
VALUE = re.compile(r"\{\{ *(\w+) *\}\}")
NAMED = re.compile(r"%\(\w+\)s|\{\w+\}|<a href=[^>]*>|</a>")


def catalog() -> list[Message]:
    """Read the messages of the file."""
    with PO.open("rb") as file:
        return [message for message in read_po(file, locale="de") if message.id]


def test_every_message_is_translated() -> None:
    """None is empty, none is a guess."""
    found = catalog()
    assert len(found) > 400
    assert not [one.id for one in found if one.fuzzy or not all(_strings(one))]


def test_every_value_stands_in_the_translation() -> None:
    """Names in braces and links are the same in both languages."""
    for one in catalog():
        original = one.id if isinstance(one.id, str) else one.id[-1]
        for text in _strings(one):
            assert sorted(NAMED.findall(text)) == sorted(NAMED.findall(original)), original


def test_every_word_of_the_templates_is_in_the_file() -> None:
    """What a template translates is known."""
    known = {one.id if isinstance(one.id, str) else one.id[0] for one in catalog()}
    for path in TEMPLATES:
        text = path.read_text(encoding="utf-8")
        said = {first or second for first, second in SIMPLE.findall(text)}
        said |= {VALUE.sub(r"%(\1)s", block) for block in BLOCK.findall(text)}
        assert said <= known, (path.name, said - known)


def test_every_law_has_a_german_name() -> None:
    """What the law packs call themselves is said in German too: the public reads it beside each right."""
    known = {one.id for one in catalog()}
    packs = [shelf.load(law) for law in shelf.names()]
    assert len(packs) > 15
    assert not {pack.name for pack in packs} - known


def test_nothing_compiled_stands_in_the_source() -> None:
    """It is made when the desk starts."""
    assert not list(ROOT.rglob("*.mo"))


def _strings(one: Message) -> tuple[str, ...]:
    return (one.string,) if isinstance(one.string, str) else tuple(one.string)
