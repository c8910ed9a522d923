"""Values of one person planted in every nook of a SQL store, to be found by the recheck."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from troth.people import tokens
from troth.people.entries import Entry, Way
from troth.people.kinds import Family
from troth.people.manifest import Manifest, Person
from troth.people.tokens import Tokens
from troth.people.typed import Identity
from troth.plan.predicates import Staged

EMAIL = "Ada.King@Example.org"
NORMAL = EMAIL.lower()
PHONE = "+442079460958"
KEY = 70123
NAME = "Ada King Lovelace"
ENTRIES = (
    Entry(number=0, subject="customer", dataset="app.customers", columns=("id",)),
    Entry(
        number=1,
        subject="customer",
        dataset="app.customers",
        columns=("email",),
        family=Family.EMAIL,
        kind="email",
        region="GB",
    ),
)


def manifest() -> Manifest:
    """One person with every kind of identity."""
    identities = (
        Identity(match="email", value=NORMAL),
        Identity(match="phone", value=PHONE),
        Identity(match="ip", value="192.0.2.17"),
        Identity(match="ip", value="2001:db8::7"),
    )
    values = {0: ((KEY,),), 1: ((EMAIL,),)}
    return Manifest(
        entries=ENTRIES, people=(Person(number=1, values=values, identities=identities, names=(NAME,)),)
    )


def wanted() -> Tokens:
    """What a recheck looks for."""
    return tokens.tokens(manifest())


def ways(**columns: str) -> Mapping[str, tuple[Way, ...]]:
    """Ways by key: which column of which table names the customer."""
    return {f"app.{table}": (_way(column),) for table, column in columns.items()}


def _way(column: str) -> Way:
    end = Staged(entry=0, columns=(column,))
    return Way(role="customer", subject="customer", path=(), end=end)


def hashed(name: str, text: str = NORMAL) -> str:
    """Hash an address as applications do."""
    return hashlib.new(name, text.encode()).hexdigest()


NOOKS = {
    "as written": (EMAIL, "email", "exact"),
    "other case": (EMAIL.upper(), "email", "normalised"),
    "blanks around": (f"  {EMAIL}\n", "email", "exact"),
    "no-break space": (f"\u00a0{NORMAL}\u00a0", "email", "exact"),
    "in a sentence": (f"Please answer to {NORMAL}.", "email", "exact"),
    "in a URL": (f"https://x.test/?to={NORMAL.replace('@', '%40')}&a=1", "email", "normalised"),
    "in JSON": ('{"to": {"a": ["' + NORMAL + '"]}}', "email", "exact"),
    "full width": ("\uff21da.King\uff20example.org", "email", "normalised"),
    "without spaces": (f"\u30e1\u30fc\u30eb{NORMAL}\u307e\u3067", "email", "exact"),
    "after a plus": (f"q=a+{NORMAL}", None, None),
    "MD5": (hashed("md5"), "email", "hashed"),
    "SHA-1 in capitals": (hashed("sha1").upper(), "email", "hashed"),
    "SHA-256 in a path": (f"/avatars/{hashed('sha256')}.png", "email", "hashed"),
    "SHA-256 as written": (hashed("sha256", EMAIL), "email", "hashed"),
    "E.164": (PHONE, "phone", "exact"),
    "phone with spaces": ("+44 20 7946 0958", "phone", "normalised"),
    "phone at home": ("call (020) 7946-0958, please", "phone", "normalised"),
    "phone after a date": ("2024-01-05 020 7946 0958 12", "phone", "normalised"),
    "phone in a URL": ("tel=020%207946%200958", "phone", "normalised"),
    "phone of wide digits": ("\uff10\uff12\uff10 7946 0958", "phone", "normalised"),
    "IPv4": ("GET / from 192.0.2.17:443", "ip", "exact"),
    "IPv4 in IPv6": ("::ffff:c000:211", "ip", "normalised"),
    "IPv6 in full": ("[2001:0DB8:0:0:0:0:0:7]", "ip", "normalised"),
    "longer address": ("x" + NORMAL, None, None),
    "longer number": ("4420794609581", None, None),
    "other hash": (hashed("md5", "bea@example.org"), None, None),
}
"""What is planted, and as what it is found; nothing where it is somebody else's."""
