"""Compose a letter: data of its kind in, a letter of typed parts out, or every reason why it cannot be.

A part the law wants and nobody gave stops the letter here, before it can be queued.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from troth.letters import data as given
from troth.letters import kinds, template
from troth.letters.kinds import Form, Kind
from troth.letters.lines import Page
from troth.letters.model import Heading, Letter, Reasons, Routes
from troth.problems import BadInput

FOLDER = "letters"
"""Of the project: where an organisation's own templates stand."""


def compose(kind: str, data: Mapping[str, object], overrides: Path | None = None) -> Letter:
    """Write a letter.

    Args:
        kind: A name of `kinds.ALL`.
        data: What the letter is told; `kinds` says what each kind takes.
        overrides: Folder with templates of the organisation's own (`NAME.txt.j2`), where there is one.

    Raises:
        BadInput: naming all that is missing, wrong or unknown in the data, or what is wrong with a template.
    """
    wanted = kinds.of(kind)
    values = given.checked(wanted, data)
    page = template.render(wanted, values, overrides)
    if unsaid := _unsaid(wanted, values, page):
        raise BadInput([given.missing(wanted.name, one, wanted.known[one].says) for one in unsaid])
    return Letter(
        kind=wanted.name,
        language=page.language,
        subject=page.subject,
        sender=values["organisation"],
        written=values["date"],
        reference=values["reference"] or "",
        parts=page.parts,
    )


def _unsaid(kind: Kind, values: Mapping[str, object], page: Page) -> list[str]:
    """Return data that were given and that the worked-out letter does not show."""
    shown: dict[Form, list[object]] = {
        Form.REASONS: [part.items for part in page.parts if isinstance(part, Reasons)],
        Form.ROUTES: [part.items for part in page.parts if isinstance(part, Routes)],
    }
    shown[Form.KEPT] = shown[Form.REASONS]
    headings = {part.text for part in page.parts if isinstance(part, Heading)}
    unsaid = []
    for datum in kind.known.values():
        value = values[datum.name]
        if datum.form in shown and value is not None and value not in shown[datum.form]:
            unsaid.append(datum.name)
        if datum.form is Form.SECTIONS and isinstance(value, tuple):
            unsaid += [datum.name] if any(one.heading not in headings for one in value) else []
    return unsaid
