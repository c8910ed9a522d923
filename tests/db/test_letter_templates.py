"""An organisation's own templates: used, and when they are wrong, shown to the line and column."""

from __future__ import annotations

import importlib.resources
from datetime import date
from pathlib import Path

import pytest

from troth.letters import kinds, text
from troth.letters.compose import compose
from troth.letters.model import Heading, Letter, Listing, Paragraph
from troth.problems import BadInput, Problem
from unit.letters.samples import said

GERMAN = """\
Subject: Ihre Anfrage {{ reference }}
Language: de

Guten Tag {{ person }},

wir haben {{ request }} am {{ received|day("%d.%m.%Y") }} erhalten.
Wir können ihr nicht entsprechen.

# Warum

{{ show(reasons, law="Vorschrift", until="Bis") }}

# Was Sie tun können

{{ show(routes) }}

Mit freundlichen Grüßen\\
{{ organisation.name }}
"""
DATA = {
    "organisation": {"name": "Krämer", "contact": "ds@kraemer.example"},
    "date": date(2026, 3, 1),
    "person": "Zoë",
    "reference": "C-7",
    "request": "Ihre Anfrage",
    "received": date(2026, 2, 1),
    "reasons": [{"item": "Rechnungen", "because": "Steuerrecht", "law": "§ 147 AO", "until": "2036"}],
    "routes": [{"part": "authority", "name": "Beschwerde", "how": "Bei der Aufsicht."}],
}


def refusal(folder: Path, template: str, **more: object) -> Letter:
    """Write a refusal with a template of one's own."""
    (folder / "refusal.txt.j2").write_text(template, encoding="utf-8")
    return compose("refusal", DATA | more, folder)


def faults(folder: Path, template: str, **more: object) -> list[Problem]:
    """Return what is wrong with a template."""
    with pytest.raises(BadInput) as bad:
        refusal(folder, template, **more)
    return list(bad.value.problems)


def test_it_takes_the_place_of_ours(tmp_path: Path) -> None:
    """Words, language, dates and labels are the organisation's."""
    letter = refusal(tmp_path, GERMAN)
    assert (letter.subject, letter.language) == ("Ihre Anfrage C-7", "de")
    assert Heading(text="Warum") in letter.parts
    said = text.render(letter)
    assert "am 01.02.2026 erhalten" in " ".join(said.split())
    assert "Vorschrift: § 147 AO\n  Bis: 2036" in said
    assert said.endswith("Mit freundlichen Grüßen\nKrämer\n")


def test_a_change_of_the_file_is_seen(tmp_path: Path) -> None:
    """The next letter is written with it; without the file ours is back."""
    refusal(tmp_path, GERMAN)
    assert refusal(tmp_path, GERMAN.replace("Warum", "Gründe")).parts[2] == Heading(text="Gründe")
    (tmp_path / "refusal.txt.j2").unlink()
    assert compose("refusal", DATA, tmp_path).language == "en"


def test_the_closing_can_be_theirs_alone(tmp_path: Path) -> None:
    """A file of the included name is used by all letters."""
    (tmp_path / "_closing.txt.j2").write_text("{{ show(routes) }}\n\nTschüss, {{ organisation.name }}\n")
    assert compose("refusal", DATA, tmp_path).parts[-1] == Paragraph(text="Tschüss, Krämer")


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "code"),
    [
        ("{{ person }}", "{{ person }", 4, 21, "bad-template"),
        ("{{ person }}", "{% if person %}", 18, 1, "bad-template"),
        ("{{ person }}", "{{ persn }}", 4, 14, "unknown-name"),
        ("# Warum", "# Warum {% sing %}", 9, 12, "bad-template"),
        ("{{ organisation.name }}", "{{ organisation.nme }}", 18, 1, "bad-template"),
        ("{{ person }}", "{{ person.__class__ }}", 4, 11, "bad-template"),
        ("{{ person }}", "{{ 'a' * 1000000 }}", 4, 11, "bad-template"),
        ("{{ person }}", "{{ person.upper() }}", 4, 11, "bad-template"),
        ("{{ person }}", "{{ person|safe }}", 4, 21, "bad-template"),
        ("# Warum", "{% include 'nowhere.txt.j2' %}", 9, 13, "bad-template"),
        ("# Warum", "{% include '../../etc/passwd' %}", 9, 13, "bad-template"),
        ("# Warum", "# Warum \x07", 9, 9, "bad-template"),
        ("# Warum", "{% include 'refusal.txt.j2' %}", 9, 1, "bad-template"),
        ('until="Bis"', "until=organisation.nme", 11, 1, "bad-template"),
        ('until="Bis"', 'items="Bis"', 11, 1, "bad-template"),
    ],
)
def test_what_is_wrong_is_shown_where_it_stands(
    tmp_path: Path, old: str, new: str, line: int, column: int, code: str
) -> None:
    """A fault names file, line and column."""
    [problem] = faults(tmp_path, GERMAN.replace(old, new, 1))
    assert problem.code == code
    assert problem.span is not None
    assert (problem.span.file, problem.span.line, problem.span.column) == (
        "letters/refusal.txt.j2",
        line,
        column,
    )


@pytest.mark.parametrize(
    "template",
    [
        GERMAN.replace("Subject:", "Subjekt:"),
        GERMAN.replace("Ihre Anfrage {{ reference }}", " "),
        GERMAN.replace("Language: de", "Language: <b>"),
        GERMAN.replace("{{ show(routes) }}", "So: {{ show(routes) }}"),
        "",
    ],
)
def test_a_letter_has_a_header_and_parts_on_their_own(tmp_path: Path, template: str) -> None:
    """What cannot be taken apart is said."""
    assert {one.code for one in faults(tmp_path, template)} <= {"bad-template", "missing-part"}


def test_what_a_letter_must_say_cannot_be_left_out(tmp_path: Path) -> None:
    """A refusal without reasons and routes is none, whoever words it."""
    found = faults(tmp_path, GERMAN.replace("{{ show(reasons", "{# ").replace("{{ show(routes) }}", "…", 1))
    assert {one.code for one in found} <= {"missing-part", "bad-template"}
    bare = "Subject: No\n\n{{ request }} {{ received }}"
    assert [one.valid for one in faults(tmp_path, bare)] == [("reasons",), ("routes",)]


def test_what_is_named_but_not_shown_is_missed(tmp_path: Path) -> None:
    """Naming the reasons in a condition that never holds does not say them."""
    template = GERMAN.replace("{{ show(reasons", "{% if not reasons %}{{ show(reasons", 1)
    template = template.replace('until="Bis") }}', 'until="Bis") }}{% endif %}', 1)
    assert [(one.code, one.valid) for one in faults(tmp_path, template)] == [("missing-part", ("reasons",))]


def test_a_template_makes_no_endless_letter(tmp_path: Path) -> None:
    """A loop within loops is stopped."""
    loop = "{% for a in 'x'*0 or '" + "x" * 2000 + "' %}"
    many = "{% for a in n %}{% for b in n %}{% for c in n %}12345678901234567890{% endfor %}{% endfor %}{% endfor %}"
    template = GERMAN.replace("# Warum", "{% set n = '" + "x" * 200 + "'|list %}" + many)
    [problem] = faults(tmp_path, template)
    assert problem.code == "bad-template"
    assert faults(tmp_path, GERMAN.replace("# Warum", loop + "{% endfor %}"))[0].code == "bad-template"


@pytest.mark.parametrize("content", [b"\xff\xfe", b"Subject: x\n\n" + b"x" * 200_000])
def test_a_file_that_is_no_template_is_said(tmp_path: Path, content: bytes) -> None:
    """Not UTF-8, or too long."""
    (tmp_path / "refusal.txt.j2").write_bytes(content)
    with pytest.raises(BadInput) as bad:
        compose("refusal", DATA, tmp_path)
    assert bad.value.problems[0].code in ("bad-encoding", "bad-template")


def test_macros_give_text_and_loops_give_structure(tmp_path: Path) -> None:
    """Points may come from a loop; a macro's words are words."""
    template = GERMAN.replace(
        "# Warum",
        "{% macro hi(x) %}# {{ x }}{% endmacro %}\n{{ hi(person) }}\n\n"
        "{% for one in reasons %}\n- {{ one.item }}\n{% endfor %}\n\n# Warum",
    )
    letter = refusal(tmp_path, template)
    assert Paragraph(text="# Zoë") in letter.parts
    assert Listing(items=("Rechnungen",)) in letter.parts


def test_no_fault_shows_a_value(tmp_path: Path) -> None:
    """What a template stumbles over is named by its place alone."""
    for wrong in ("{{ organisation[person] }}", "{{ person + 1 }}", "{{ person|day }}"):
        found = faults(tmp_path, GERMAN.replace("{{ person }}", wrong, 1), person="Ann Lee")
        assert "Ann" not in repr(found)


def test_ours_stand_every_check(tmp_path: Path) -> None:
    """Copied into a project, each template Troth brings along passes as one's own."""
    brought = importlib.resources.files("troth.letters") / "templates"
    for file in brought.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    for name in kinds.ALL:
        assert compose(name, said(name), tmp_path) == compose(name, said(name))
