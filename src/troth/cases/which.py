"""Which laws a request is under: by where the person lives, what the policy claims, and where data is processed.

Laws of other places are added, never displaced. Nobody is asked where they live only to choose: while it is
unknown every law the policy claims counts, so that the shortest time and the fullest answer hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from troth.cases.case import UNKNOWN
from troth.cases.kinds import Kind
from troth.laws import shelf
from troth.laws.model import Pack
from troth.problems import BadInput, Problem

_PLACE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{2,3}){0,2}")
EEA = ("IS", "LI", "NO")
"""EEA states outside the Union: the GDPR applies there too (EEA Joint Committee Decision 154/2018)."""
OUTERMOST = ("AX", "GF", "GP", "MF", "MQ", "RE", "YT")
"""Parts of member states with codes of their own, where Union law is law (TFEU Art. 355)."""
COUNTRIES = frozenset(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV
    BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES
    ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE
    IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY
    MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU
    NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM
    SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE
    VG VI VN VU WF WS YE YT ZA ZM ZW
    """.split()  # noqa: SIM905 a list of 249 lines says no more
)
"""Codes of ISO 3166-1."""
PROCESSED = {"sg-pdpa": "SG"}
"""Laws that also apply by where data is processed."""
OF_CHILDREN = frozenset({"us-coppa"})
"""Laws that protect children only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A law, and why it counts."""

    law: str
    why: str


def place(typed: str) -> str:
    """Return a place as packs write it: `IE` and `eu-ie` are `EU-IE`, `GB` and `UK` are `GB-EAW`.

    Raises:
        BadInput: when it is no place.
    """
    text = typed.strip().upper().replace("_", "-")
    if text in {"", "UNKNOWN", "?"}:
        return UNKNOWN
    if text != "EU":
        text = text.removeprefix("EU-")
    text = {"EL": "GR"}.get(text, text)  # as the Union writes Greece
    head = text.partition("-")[0]
    if head not in {*COUNTRIES, "EU", "UK"} or not _PLACE.fullmatch(text):
        problem = Problem(
            code="bad-value",
            message="A place of residence is a country, and a part of it where laws differ.",
            found=typed,
            valid=("IE", "DE", "GB", "GB-SCT", "US-CA", "SG", "AU", UNKNOWN),
            hint="Write the ISO 3166 code; `unknown` where nobody knows.",
        )
        raise BadInput([problem])
    if head in {"UK", "GB"}:
        return "GB-EAW" if text in {"UK", "GB", "UK-ENG", "GB-ENG", "UK-WLS", "GB-WLS"} else f"GB-{text[3:]}"
    return f"EU-{head}" if f"EU-{head}" in shelf.calendars().places else text


def choose(
    residence: str, claimed: Iterable[str], processed_in: Iterable[str] = (), *, child: bool = False
) -> tuple[Chosen, ...]:
    """Choose the laws of somebody who lives at a place.

    Args:
        residence: As `place` returns it.
        claimed: The laws the policy says it follows.
        processed_in: Countries in which stores are located.
        child: Whether it is a child: some laws protect nobody else.
    """
    named = tuple(dict.fromkeys(law for law in claimed if child or law not in OF_CHILDREN))
    if residence == UNKNOWN:
        return tuple(Chosen(law=law, why="residence unknown: every law the policy claims") for law in named)
    found = {
        pack.law: Chosen(law=pack.law, why=f"lives in {residence}")
        for pack in map(shelf.load, shelf.names())
        if covers(pack, residence) and pack.rights and (child or pack.law not in OF_CHILDREN)
    }
    inside = set(processed_in)
    for law, country in PROCESSED.items():
        if law in named and country in inside:
            found.setdefault(law, Chosen(law=law, why=f"data is processed in {country}"))
    if not any(_general(shelf.load(law)) for law in found):
        for law in named:
            found.setdefault(
                law, Chosen(law=law, why=f"no general law for {residence}: as the policy claims")
            )
    return tuple(found.values())


def giving(chosen: Iterable[Chosen], kind: Kind, day: date) -> tuple[tuple[Chosen, ...], str]:
    """Keep the laws that give a right, or all where none does; return them with what is to be said of it.

    Args:
        chosen: As `choose` returns them.
        kind: What is asked for.
        day: When it was asked for: a right that came later is none.
    """
    every = tuple(chosen)
    found = tuple(one for one in every if kind.right(shelf.load(one.law), day) is not None)
    if found or not every:
        return found, "" if found else "No law is known for it; it is worked to a day of our own."
    names = ", ".join(one.law for one in every)
    return every, f"On {day} none of {names} gives this right; answer all the same, and say so."


def _general(pack: Pack) -> bool:
    """Tell whether a law is about personal data at large: it lets people see theirs."""
    return any(right.right in {"access", "know"} for right in pack.rights)


def covers(pack: Pack, residence: str) -> bool:
    """Tell whether a law is law at a place."""
    return any(_within(residence, one) for one in pack.places)


def _within(residence: str, place: str) -> bool:
    """Tell whether a law of a place is law where somebody lives."""
    head = residence.partition("-")[0]
    match place:
        case "EU":
            return head in {"EU", *EEA, *OUTERMOST}
        case "GB-EAW":
            return head == "GB"
        case "US-FED" | "AU-CTH":
            return head == place[:2]
        case "CA":
            return head == "CA" and residence != "CA-QC"
        case _:
            return residence == place or residence.startswith(f"{place}-")
