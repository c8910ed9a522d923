"""Places of residence to choose from, in the language of the page: countries, and their parts where laws differ.

Names of countries come from the Unicode CLDR by way of Babel; parts are written here, for Babel has none.
"""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache

from babel import Locale
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from troth.cases import which
from troth.cases.case import UNKNOWN
from troth.problems import BadInput

Choices = list[tuple[str, str]]
Groups = list[tuple[str, str | Choices]]

STATES = (
    "AL Alabama|AK Alaska|AZ Arizona|AR Arkansas|CA California|CO Colorado|CT Connecticut|DE Delaware|DC District of "
    "Columbia|FL Florida|GA Georgia|HI Hawaii|ID Idaho|IL Illinois|IN Indiana|IA Iowa|KS Kansas|KY Kentucky|LA "
    "Louisiana|ME Maine|MD Maryland|MA Massachusetts|MI Michigan|MN Minnesota|MS Mississippi|MO Missouri|MT Montana|"
    "NE Nebraska|NV Nevada|NH New Hampshire|NJ New Jersey|NM New Mexico|NY New York|NC North Carolina|ND North "
    "Dakota|OH Ohio|OK Oklahoma|OR Oregon|PA Pennsylvania|RI Rhode Island|SC South Carolina|SD South Dakota|TN "
    "Tennessee|TX Texas|UT Utah|VT Vermont|VA Virginia|WA Washington|WV West Virginia|WI Wisconsin|WY Wyoming"
)
PROVINCES = (
    "AB Alberta|BC British Columbia|MB Manitoba|NB New Brunswick|NL Newfoundland and Labrador|NT Northwest "
    "Territories|NS Nova Scotia|NU Nunavut|ON Ontario|PE Prince Edward Island|QC Québec|SK Saskatchewan|YT Yukon"
)
NATIONS = "EAW England, Wales|NIR Northern Ireland|SCT Scotland"
TERRITORIES = (
    "ACT Australian Capital Territory|NSW New South Wales|NT Northern Territory|QLD Queensland|SA South Australia|"
    "TAS Tasmania|VIC Victoria|WA Western Australia"
)
PARTS = {"US": STATES, "GB": NATIONS, "CA": PROVINCES, "AU": TERRITORIES}
"""Countries whose parts have laws or days off of their own."""


@cache
def _choices(language: str) -> Groups:
    """Return the places to choose from, those with parts as groups."""
    names = dict(Locale.parse(language, sep="-").territories)
    countries = sorted(
        ((code, names.get(code, code)) for code in which.COUNTRIES), key=lambda one: _sortable(one[1])
    )
    groups: Groups = [(UNKNOWN, _("I would rather not say"))]
    groups.append((_("Countries"), [one for one in countries if one[0] not in PARTS]))
    for country, parts in PARTS.items():
        listed = [
            (f"{country}-{code}", name) for code, _s, name in (p.partition(" ") for p in parts.split("|"))
        ]
        whole = (
            []
            if country == "GB"
            else [(country, _("{country}, elsewhere or not said").format(country=names[country]))]
        )
        groups.append((names[country], [*listed, *whole]))
    return groups


def options(chosen: str) -> SafeString:
    """Return the options of a list to choose from, one of them chosen."""
    return _options(get_language() or "en", chosen)


@lru_cache(maxsize=1024)
def _options(language: str, chosen: str) -> SafeString:
    made = [
        format_html(
            '<optgroup label="{}">{}</optgroup>', name, format_html_join("", _OPTION, _marked(group, chosen))
        )
        if not isinstance(group, str)
        else format_html_join("", _OPTION, _marked([(name, group)], chosen))
        for name, group in _choices(language)
    ]
    return format_html_join("", "{}", ((one,) for one in made))


def suggestions() -> SafeString:
    """Return what a field for a place suggests: codes, with the names people know them by."""
    return _suggestions(get_language() or "en")


@lru_cache(maxsize=8)
def _suggestions(language: str) -> SafeString:
    named: Choices = []
    for _name, group in _choices(language):
        for code, called in group if not isinstance(group, str) else ():
            country, dash, _part = code.partition("-")
            named.append((code, f"{called} ({country})" if dash else called))
    named.sort(key=lambda one: _sortable(one[1]))
    return format_html(
        '<datalist id="places">{}</datalist>',
        format_html_join("", '<option value="{}">{}</option>', named),
    )


_OPTION = '<option value="{}"{}>{}</option>'


def _marked(group: Choices, chosen: str) -> list[tuple[str, SafeString, str]]:
    return [(code, mark_safe(" selected" if code == chosen else ""), name) for code, name in group]  # noqa: S308


def read(typed: str) -> str | None:
    """Return a place as laws write it; None where it is none."""
    try:
        return which.place(typed[:20])
    except BadInput:
        return None


def name(place: str) -> str:
    """Say a place in the language of the page."""
    if place == UNKNOWN:
        return _("not said")
    names = Locale.parse(get_language() or "en", sep="-").territories
    country, _dash, part = place.removeprefix("EU-").partition("-")
    for one in PARTS.get(country, "").split("|"):
        code, _space, called = one.partition(" ")
        if part and code == part:
            return f"{called} ({names[country]})"
    return str(names.get(country, place))


def code(place: str) -> str:
    """Return the choice that stands for a place."""
    return place.removeprefix("EU-")


def _sortable(text: str) -> str:
    """Sort Ä with A, as German lists of names do (DIN 5007-1)."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
