"""Look at a sample of a column's values and say which share looks like what.

Values come in as text and never leave: only shares and counts go out. Recognisers are cheap checks first,
then the official ones (phonenumbers, python-stdnum, ipaddress).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module

import phonenumbers

from troth.catalog.detect import words
from troth.catalog.detect.kinds import Kind
from troth.catalog.detect.names import split

LOOKED_AT = 200
FIRST_FEW = 20
ENOUGH = 5
"""Fewer values than this prove little."""

_EMAIL = re.compile(r"\s*[^\s@<>,;]+@[^\s@<>,;.]+(\.[^\s@<>,;.]+)+\s*")
_EMAIL_INSIDE = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")
_PHONE_SHAPE = re.compile(r"\s*\+?[\d\s().\-/]{6,22}(\s*(x|ext\.?)\s*\d+)?\s*", re.IGNORECASE)
_PHONE_INSIDE = re.compile(r"\+\d[\d\s().\-/]{7,}\d")
_UUID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
_HEX = re.compile(r"[0-9a-f]{16,}", re.IGNORECASE)
_MAC = re.compile(r"([0-9a-f]{2}[:-]){5}[0-9a-f]{2}", re.IGNORECASE)
_HASH = re.compile(r"\$2[aby]\$|\$argon2|\$pbkdf2|pbkdf2_|scrypt:|\{SSHA|\$[156]\$|bcrypt_sha256|argon2\$")
_TOKEN = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9_\-.]{20,}")
_AGENT = re.compile(
    r"(Mozilla|Opera|curl|okhttp|Dalvik|PostmanRuntime|python-requests|[\w.-]{2,30})/\d[\w.]*(\s\(.*|\s.*)?"
)
_URL = re.compile(r"https?://\S+|www\.\S+", re.IGNORECASE)
_SOCIAL = re.compile(
    r"(twitter|x|facebook|linkedin|instagram|github|t|xing|tiktok)\.(com|me)/|^@\w{2,30}$", re.IGNORECASE
)
_NAME_WORD = r"[^\W\d_][^\W\d_]*(['\u2019.-][^\W\d_]+)*\.?"
_NAME = re.compile(rf"{_NAME_WORD}(,? {_NAME_WORD}){{0,4}}")
_GEO = re.compile(r"\s*-?\d{1,2}\.\d{3,}\s*[,; ]\s*-?\d{1,3}\.\d{3,}\s*")
_STREET = re.compile(
    r"\d+[a-z]?,?\s+.*\b(street|st|avenue|ave|road|rd|lane|ln|drive|dr|way|blvd|boulevard|court|ct|place|square|rue)\b"
    r"|.*(stra(ss|ß)e|str\.|weg|platz|allee|gasse|gatan|straat|laan)\s*\d+"
    r"|(calle|c/|avda?\.?|avenida|plaza|paseo|via|viale|piazza|rua|ul\.|rue|av\.)\s.*\d+",
    re.IGNORECASE,
)
_BIRTH = re.compile(r"(\d{4})-\d{2}-\d{2}( 00:00:00.*|T00:00:00.*)?|\d{1,2}[./]\d{1,2}[./](\d{4})")
_NUMBER = re.compile(r"-?\d+([.,]\d+)?")

_NATIONAL = {
    "us.ssn": r"\d{3}-\d{2}-\d{4}",
    "es.dni": r"\d{8}-?[A-Z]",
    "es.nie": r"[XYZ]-?\d{7}-?[A-Z]",
    "fr.nir": r"[12]\d{12}( ?\d{2})",
    "it.codicefiscale": r"[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]",
    "nl.bsn": r"\d{9}",
    "pl.pesel": r"\d{11}",
    "br.cpf": r"\d{3}\.?\d{3}\.?\d{3}-?\d{2}",
    "de.idnr": r"\d{2} ?\d{3} ?\d{3} ?\d{3}",
    "se.personnummer": r"(\d{2})?\d{6}[-+]\d{4}",
    "fi.hetu": r"\d{6}[-+A]\d{3}[0-9A-Y]",
    "no.fodselsnummer": r"\d{6} ?\d{5}",
    "dk.cpr": r"\d{6}-\d{4}",
    "in_.pan": r"[A-Z]{5}\d{4}[A-Z]",
    "in_.aadhaar": r"\d{4} ?\d{4} ?\d{4}",
    "mx.curp": r"[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z0-9]\d",
    "gb.nhs": r"\d{3} \d{3} \d{4}",
    "be.nn": r"\d{2}\.?\d{2}\.?\d{2}-?\d{3}\.?\d{2}",
    "ch.ssn": r"756\.\d{4}\.\d{4}\.\d{2}",
    "gb.nino": r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]",
    "us.itin": r"9\d{2}-\d{2}-\d{4}",
}
"""Shapes that are worth a check with python-stdnum (module: shape); `gb.nino` has no check digit."""
_NATIONAL_SHAPES = {name: re.compile(shape) for name, shape in _NATIONAL.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a sample of values looks like."""

    seen: int = 0
    """Values that are there and not blank."""
    distinct: int = 0
    shares: Mapping[Kind, float] = field(default_factory=dict)
    """Share of values that pass the recogniser of a kind."""
    words: float = 0.0
    """Words per value, on average."""
    numeric: float = 0.0
    digits: float = 0.0
    """Share of values with a digit in them."""
    given_names: float = 0.0
    """Share of values whose first word is a common given name."""
    phone_shaped: float = 0.0
    tokens: float = 0.0
    """Share of UUIDs, hex strings and other random tokens."""
    states: float = 0.0
    """Share of words for a state of affairs: active, open, paid."""
    contacts_inside: float = 0.0
    """Share of longer texts with an e-mail address or phone number in them."""
    years: tuple[int, int] | None = None
    """First and last year, where values are plain dates."""
    keys: frozenset[str] = frozenset()
    """Keys of JSON objects."""

    @property
    def enough(self) -> bool:
        """Tell whether there are values enough to contradict a name."""
        return self.seen >= ENOUGH

    def share(self, kind: Kind) -> float:
        """Return the share that looks like this kind."""
        return self.shares.get(kind, 0.0)


def profile(values: Sequence[str | None]) -> Profile:
    """Describe a sample by shares; holds on to none of its values."""
    texts = [text for value in values[:LOOKED_AT] if value is not None and (text := value.strip())]
    if not texts:
        return Profile()
    numeric = _share(texts, lambda text: bool(_NUMBER.fullmatch(text)))
    word_counts = [len(text.split()) for text in texts]
    checks = _NUMERIC_CHECKS if numeric > 0.9 else _CHECKS
    return Profile(
        seen=len(texts),
        distinct=len(set(texts)),
        shares={kind: found for kind, check in checks.items() if (found := _share(texts, check)) > 0},
        words=sum(word_counts) / len(texts),
        numeric=numeric,
        digits=_share(texts, lambda text: any(c.isdigit() for c in text)),
        given_names=0.0 if numeric > 0.5 else _share(texts, _starts_with_given_name),
        phone_shaped=_share(texts, _is_phone_shaped),
        tokens=_share(texts, _is_token),
        states=_share(texts, lambda text: text.casefold() in words.STATES),
        contacts_inside=_all(texts, _has_contact),
        years=_years(texts),
        keys=_json_keys(texts),
    )


def _share(texts: Sequence[str], check: Callable[[str], bool]) -> float:
    """Return the share that passes; nothing when no text of a first few does, which is most often the case."""
    if not any(map(check, texts[:: max(1, len(texts) // FIRST_FEW)])):
        return 0.0
    return sum(map(check, texts)) / len(texts)


def _all(texts: Sequence[str], check: Callable[[str], bool]) -> float:
    return sum(map(check, texts)) / len(texts)


def _is_ip(text: str) -> bool:
    if text.count(".") != 3 and text.count(":") < 2:
        return False
    try:
        ipaddress.ip_interface(text)
    except ValueError:
        return False
    return True


def _is_phone_shaped(text: str) -> bool:
    return bool(_PHONE_SHAPE.fullmatch(text)) and 6 <= sum(c.isdigit() for c in text) <= 15


def _is_phone(text: str) -> bool:
    """Accept international numbers that exist; without `+` only those written with separators."""
    if not _is_phone_shaped(text) or (re.fullmatch(r"\d+", text) and not text.startswith("00")):
        return False
    if not text.startswith("+"):
        return bool(
            re.fullmatch(r"(\(\d+\)|0\d+|\d{3})[\s./-]\d[\d\s./-]{4,}\d", text)
        ) and not _BIRTH.fullmatch(text)
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(text, None))
    except phonenumbers.NumberParseException:
        return False


def _is_card(text: str) -> bool:
    digits = re.sub(r"[ -]", "", text)
    if re.fullmatch(r"[*xX•]{4,12}\d{4}|\d{4,6}[*xX•]+\d{4}", digits):
        return True
    if not (re.fullmatch(r"[2-6]\d{12,18}", digits)):
        return False
    doubled = [int(d) * 2 for d in digits[-2::-2]]
    return (sum(int(d) for d in digits[-1::-2]) + sum(d - 9 if d > 9 else d for d in doubled)) % 10 == 0


def _is_iban(text: str) -> bool:
    if not re.match(r"[A-Z]{2}\d{2}[ A-Z0-9]{11,}", text):
        return False
    return _stdnum("iban", text)


def _is_national(text: str) -> bool:
    if not 8 <= len(text) <= 20 or sum(c.isdigit() for c in text) < 4:
        return False
    return any(
        shape.fullmatch(text) and (name == "gb.nino" or _stdnum(name, text))
        for name, shape in _NATIONAL_SHAPES.items()
    )


def _stdnum(name: str, text: str) -> bool:
    return bool(import_module(f"stdnum.{name}").is_valid(text))


def _is_token(text: str) -> bool:
    if len(text) < 16 or " " in text:
        return False
    return bool(_UUID.fullmatch(text) or _HEX.fullmatch(text) or _TOKEN.fullmatch(text))


def _starts_with_given_name(text: str) -> bool:
    if not _NAME.fullmatch(text):
        return False
    first = split(text.rpartition(",")[2])
    return bool(first) and first[0] in words.GIVEN_NAMES


def _is_person(text: str) -> bool:
    return 2 <= len(text.split()) <= 4 and text[:1].isupper() and _starts_with_given_name(text)


def _has_contact(text: str) -> bool:
    return (
        len(text) > 25
        and ("@" in text or "+" in text)
        and bool(_EMAIL_INSIDE.search(text) or _PHONE_INSIDE.search(text))
    )


def _years(texts: Sequence[str]) -> tuple[int, int] | None:
    found = [match for text in texts if (match := _BIRTH.fullmatch(text))]
    if len(found) < 0.9 * len(texts):
        return None
    years = [int(match[1] or match[3]) for match in found]
    return min(years), max(years)


def _json_keys(texts: Sequence[str]) -> frozenset[str]:
    objects = [text for text in texts if text.startswith(("{", "[{"))]
    if len(objects) < 0.5 * len(texts):
        return frozenset()
    return frozenset(key for text in objects for key in re.findall(r'"([^"]{1,40})"\s*:', text))


_CHECKS: Mapping[Kind, Callable[[str], bool]] = {
    Kind.EMAIL: lambda text: "@" in text and bool(_EMAIL.fullmatch(text)),
    Kind.IP: _is_ip,
    Kind.PHONE: _is_phone,
    Kind.CARD: _is_card,
    Kind.BANK: _is_iban,
    Kind.NATIONAL_ID: _is_national,
    Kind.DEVICE: lambda text: bool(_MAC.fullmatch(text)),
    Kind.SECRET: lambda text: bool(_HASH.match(text)),
    Kind.USER_AGENT: lambda text: "/" in text and bool(_AGENT.fullmatch(text)),
    Kind.HANDLE: lambda text: bool(_SOCIAL.search(text)),
    Kind.VISITED: lambda text: bool(_URL.fullmatch(text)),
    Kind.GEO: lambda text: bool(_GEO.fullmatch(text)),
    Kind.STREET: lambda text: len(text) < 120 and bool(_STREET.match(text)),
    Kind.FULL_NAME: _is_person,
}
_NUMERIC_CHECKS: Mapping[Kind, Callable[[str], bool]] = {Kind.CARD: _is_card, Kind.NATIONAL_ID: _is_national}
