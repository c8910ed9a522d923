"""One normal form per family of identities, and the spellings in which a store may hold a value of that form.

Two values are one identity when their normal forms are equal; the table is in docs/reference/find.md, its test
vectors in tests/cases/identities.yml. Databases cannot do all of this, so `spellings` lists what to look for there.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from itertools import chain, product

import phonenumbers

from troth.people.kinds import Family

LONGEST = 320
"""Characters of the longest e-mail address (RFC 3696 erratum 1690: 64 + 1 + 255), and of anything else."""
_BLANK = re.compile(r"[\s\x00-\x1f\x7f]")
_UUID = re.compile(r"[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_UNFOLDED = (("ss", "\u00df"), ("\u03c3", "\u03c2"))
"""What case folding makes of sharp s and final sigma, which lower case leaves alone (Unicode, CaseFolding.txt)."""
MOST_FOLDED = 3
"""Places in one address at which such letters are looked for."""
_NO_TEXT = frozenset({"Cc", "Cs"})
"""Control characters and halves of surrogate pairs: no database takes both."""
_EXIT_CODES = ("00", "011")
"""What is dialled in place of `+` in most of the world, and in North America."""


def normal(family: Family, text: str, region: str = "") -> str | None:
    """Return the normal form of a value; None where it is none of its family.

    Args:
        family: What kind of value it is.
        text: The value as typed or stored.
        region: Country (ISO 3166) in which a phone number without `+` is dialled.
    """
    plain = text.strip() if text.isascii() else unicodedata.normalize("NFKC", text).strip()
    if not plain or len(plain) > LONGEST or _no_text(plain):
        return None
    match family:
        case Family.EMAIL:
            return _email(plain)
        case Family.PHONE:
            return _phone(plain, region)
        case Family.IP:
            return _ip(plain)
        case _:
            stripped = text.strip()
            return stripped.lower() if _UUID.fullmatch(stripped) else stripped


def _no_text(plain: str) -> bool:
    if plain.isascii() and plain.isprintable():
        return False
    return any(unicodedata.category(c) in _NO_TEXT for c in plain)


def spellings(family: Family, value: str, region: str = "") -> tuple[str, ...]:
    """List how a store may write a value of this normal form, after what SQL can do to it.

    SQL brings e-mail addresses to lower case, leaves phones their digits and a leading `+`, and trims.
    """
    match family:
        case Family.EMAIL:
            return _emails(value)
        case Family.PHONE:
            return _phones(value, region)
        case Family.IP:
            return _ips(value)
        case _:
            return (value, value.upper()) if _UUID.fullmatch(value) else (value,)


def carries(family: Family, stored: str, region: str = "") -> str | None:
    """Return the normal form in which a stored value may lead on to other rows; None where it may not.

    An address that only folding makes equal to another (full-width letters, a Kelvin sign for a k) is another
    mailbox, and could be registered and verified by somebody else: it leads nowhere.
    """
    found = normal(family, stored, region)
    if found is None or family is not Family.EMAIL or stored.isascii():
        return found
    if any(_plain_in_disguise(letter) for letter in stored.strip()):
        return None
    written = unicodedata.normalize("NFC", stored).strip().lower()
    return found if written in (found, _readable(found)) else None


def _plain_in_disguise(letter: str) -> bool:
    return not letter.isascii() and unicodedata.normalize("NFKC", letter).casefold().isascii()


def digits(text: str) -> str:
    """Leave a phone number its digits and a leading plus: what a store can do too."""
    stripped = unicodedata.normalize("NFKC", text).strip()
    kept = re.sub(r"[^0-9]", "", stripped)
    return f"+{kept}" if stripped.startswith("+") else kept


def _email(plain: str) -> str | None:
    local, at, domain = plain.rpartition("@")
    domain = domain.removesuffix(".").casefold()
    if not at or not local or not domain or _BLANK.search(plain) or "@" in local:
        return None
    try:
        encoded = domain if domain.startswith("[") else domain.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    return f"{unicodedata.normalize('NFKC', local.casefold())}@{encoded}"


def _readable(address: str) -> str:
    """Write the domain of a normal form with its own letters."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('ascii').decode('idna')}"
    except UnicodeError:
        return address


def _emails(value: str) -> tuple[str, ...]:
    """Add the readable domain, and letters that folding changes and lower case does not."""
    found = dict.fromkeys((value, _readable(value)))
    for folded, unfolded in _UNFOLDED:
        for one in tuple(found):
            parts = one.split(folded)
            if 1 < len(parts) <= MOST_FOLDED + 1:
                joints = product((folded, unfolded), repeat=len(parts) - 1)
                found |= dict.fromkeys("".join(chain(*zip(parts, (*j, ""), strict=True))) for j in joints)
    return tuple(found)


def _phone(plain: str, region: str) -> str | None:
    try:
        number = phonenumbers.parse(plain, region.upper() or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _phones(value: str, region: str) -> tuple[str, ...]:
    """Try the usual spellings, and keep those that mean this number where the store is."""
    number = phonenumbers.parse(value)
    bare = value.removeprefix("+")
    code, national = str(number.country_code), phonenumbers.national_significant_number(number)
    dialled = digits(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL))
    tried = [value, bare, *(exit_code + bare for exit_code in _EXIT_CODES), dialled, national]
    tried += [f"+{code}0{national}", f"{code}0{national}", f"00{code}0{national}"]
    kept = [one for one in tried if _phone(one, region) == value]
    # Without a country, digits that begin with an exit code or a country code can only be read as those.
    outright = () if region else (bare, f"00{bare}")
    return tuple(dict.fromkeys((*kept, *outright)))


def _ip(plain: str) -> str | None:
    try:
        address = ipaddress.ip_address(plain.strip("[]"))
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id:
            return None
        address = address.ipv4_mapped or address
    return str(address)


def _ips(value: str) -> tuple[str, ...]:
    address = ipaddress.ip_address(value)
    if address.version == 4:
        mapped = ipaddress.IPv6Address(f"::ffff:{address}")
        return (value, f"::ffff:{value}", str(mapped))
    return tuple(dict.fromkeys((value, address.exploded)))
