"""Pages that are the same for everybody: what one can do here, the policy, contact, complaints, robots, security."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from troth.app.centre import offers as centre
from troth.app.centre import published as centre_policy
from troth.app.centre.published import Kept, Passage
from troth.app.project import Project
from troth.cases.case import UNKNOWN
from troth.desk import here
from troth.desk.public import residences, room, rules, words
from troth.desk.public.rules import Said
from troth.desk.public.words import Text
from troth.policy.model import Policy

FRESH = timedelta(days=180)
"""How long what security.txt says holds (RFC 9116 §2.5.5 advises less than a year)."""
FORBIDDEN = ("/r/", "/requests/", "/desk/", "/account/", "/api/", "/language/", "/metrics", "/health/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One way to reach the organisation."""

    title: Text
    text: str
    href: str
    """Empty where it is no address a browser can open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A passage of the policy with what is said of its rules."""

    passage: Passage
    rules: tuple[Said, ...]


@room.page("GET")
def home(request: HttpRequest) -> HttpResponse:
    """Show who this is and what one can do here."""
    published = here.project().policy.published
    return render(request, "desk/public/home.html", {"version": published.version})


@room.page("GET")
def policy(request: HttpRequest) -> HttpResponse:
    """Show the policy, and beside each sentence what is done about it."""
    project = here.project()
    said = {"found": centre_policy.published(project), "body": _body(project, _kept()), "here": "policy"}
    return render(request, "desk/public/policy.html", said)


@room.page("GET")
def contact(request: HttpRequest) -> HttpResponse:
    """Show how the organisation is reached."""
    return render(
        request, "desk/public/contact.html", {"routes": routes(here.project().policy), "here": "contact"}
    )


@room.page("GET")
def complain(request: HttpRequest) -> HttpResponse:
    """Show to whom somebody can complain: to the organisation, and to the authority of where they live."""
    typed = request.GET.get("place", "")
    place = residences.read(typed) if typed else UNKNOWN
    said = {
        "routes": routes(here.project().policy),
        "place": place or UNKNOWN,
        "wrong": place is None,
        "chosen": residences.code(place or UNKNOWN),
        "choices": residences.options(residences.code(place or UNKNOWN)),
        "asked": bool(typed) and place not in {None, UNKNOWN},
        "where": residences.name(place or UNKNOWN),
        "authority": centre.authority(place or UNKNOWN),
        "here": "complain",
    }
    return render(request, "desk/public/complain.html", said)


@room.page("GET")
def robots(request: HttpRequest) -> HttpResponse:
    """Keep search engines to what is the same for everybody (RFC 9309)."""
    del request
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in FORBIDDEN)]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@room.page("GET")
def security(request: HttpRequest) -> HttpResponse:
    """Say whom to tell of a weakness (RFC 9116)."""
    contacts = here.project().policy.organisation.contacts
    first = next((contacts[name] for name in ("security", "privacy") if name in contacts), "")
    mail = next((one for one in (first, *contacts.values()) if _href(one)), "")
    page = request.build_absolute_uri(reverse("public:contact"))
    until = here.place().clock.now().replace(hour=0, minute=0, second=0, microsecond=0) + FRESH
    lines = [
        *([f"Contact: {_href(mail)}"] if mail else []),
        f"Contact: {page}",
        f"Expires: {until:%Y-%m-%dT%H:%M:%SZ}",
        f"Policy: {request.build_absolute_uri(reverse('public:policy'))}",
        "Preferred-Languages: en, de",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def routes(of: Policy) -> list[Route]:
    """List the ways to reach the organisation, those for rights first."""
    contacts = of.organisation.contacts
    first = of.rights.routes if of.rights else ()
    names = dict.fromkeys([*(name for name in first if name in contacts), *contacts])
    return [
        Route(
            title=words.ROUTES.get(name, name.replace("-", " ")),
            text=contacts[name],
            href=_href(contacts[name]),
        )
        for name in names
    ]


def _href(text: str) -> str:
    """Return the address a browser opens for a contact; nothing where it is none, or was hidden by a script."""
    plain = text.strip()
    if plain.startswith("https://"):
        return plain
    name, at, domain = plain.partition("@")
    if at and name and "." in domain and " " not in plain and "[" not in plain:
        return f"mailto:{quote(name)}@{quote(domain)}"
    digits = "".join(sign for sign in plain.replace("(0)", "") if sign.isdigit() or sign == "+")
    return f"tel:{digits}" if plain.startswith("+") and len(digits) > 6 else ""


_BODIES: dict[str, tuple[Project, Mapping[str, Kept], SafeString]] = {}


def _body(project: Project, kept: Mapping[str, Kept]) -> SafeString:
    """Return sentences and rules as HTML: made once for a language, until the project or a check says otherwise."""
    language = get_language() or "en"
    known = _BODIES.get(language)
    if known is not None and known[0] is project and known[1] == kept:
        return known[2]
    found = centre_policy.published(project)
    blocks = [
        (
            title,
            rules.once(rules.said(rule, project.policy, kept) for rule in found.rules if rule.block == block),
        )
        for block, title in rules.BLOCKS.items()
    ]
    said = {
        "shown": [_shown(one, project.policy, kept) for one in found.passages],
        "blocks": [(title, listed) for title, listed in blocks if listed],
    }
    made = render_to_string("desk/public/policy_body.html", said)
    _BODIES[language] = project, kept, made
    return made


def _shown(one: Passage, of: Policy, kept: Mapping[str, Kept]) -> Shown:
    return Shown(passage=one, rules=tuple(rules.once(rules.said(rule, of, kept) for rule in one.rules)))


_KEPT: list[tuple[datetime, Mapping[str, Kept]]] = []


def _kept() -> Mapping[str, Kept]:
    """Return what the last check said of each promise, looked up once a minute."""
    at = here.place()
    minute = at.clock.now().replace(second=0, microsecond=0)
    if not _KEPT or _KEPT[0][0] != minute:
        _KEPT[:] = [(minute, centre_policy.kept(at))]
    return _KEPT[0][1]
