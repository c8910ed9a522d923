"""What a column may hold, as far as privacy is concerned, and the category a draft proposes for it.

Kinds are what the detectors tell apart; categories are the words a policy uses. A kind without a category is
not personal by itself.
"""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What a column holds."""

    EMAIL = "e-mail address"
    PHONE = "phone number"
    FIRST_NAME = "first name"
    LAST_NAME = "last name"
    FULL_NAME = "person's name"
    USERNAME = "user name"
    HANDLE = "social handle or page"
    GENDER = "gender"
    BIRTH_DATE = "birth date"
    BIRTH_PLACE = "birth place"
    AGE = "age"
    NATIONALITY = "nationality"
    SALUTATION = "form of address"
    PHOTO = "photo"
    SIGNATURE = "signature"
    NATIONAL_ID = "national identity number"
    DOCUMENT = "identity document"
    TAX_ID = "tax number"
    MEMBER_NUMBER = "customer or member number"
    JOB = "job title"
    COMPANY = "company"
    FAMILY = "family circumstances"
    VEHICLE = "vehicle plate"
    STREET = "street address"
    CITY = "city"
    POSTCODE = "postcode"
    REGION = "state or region"
    COUNTRY = "country"
    GEO = "geographic position"
    IP = "IP address"
    USER_AGENT = "user agent"
    DEVICE = "device id"
    COOKIE = "cookie, session or tracking id"
    SECRET = "password or secret"  # noqa: S105 a kind, not a secret
    CARD = "payment card"
    BANK = "bank account"
    PAY = "income or wealth"
    FREE_TEXT = "free text"
    VISITED = "page or search"
    PREFERENCE = "preference or consent"
    HEALTH = "health"
    BELIEF = "religion, politics or union"
    ORIGIN = "ethnic origin"
    ORIENTATION = "sex life or orientation"
    BIOMETRIC = "biometric or genetic data"
    CRIME = "criminal record"

    TECHNICAL_ID = "technical id"
    AMOUNT = "amount or quantity"
    TIME = "time"
    FLAG = "flag"
    STATUS = "status or type"
    ORGANISATION = "organisation's name"
    OTHER = "nothing personal seen"

    @property
    def category(self) -> str | None:
        """Return the category a draft proposes; None where it is not personal by itself."""
        return _CATEGORY.get(self)

    @property
    def is_identity(self) -> bool:
        """Tell whether a value of this kind finds a person in other tables."""
        return self in IDENTITIES


IDENTITIES = frozenset(
    {Kind.EMAIL, Kind.PHONE, Kind.USERNAME, Kind.NATIONAL_ID, Kind.TAX_ID, Kind.MEMBER_NUMBER, Kind.DEVICE}
)

_BY_CATEGORY = {
    "identity": (
        *(Kind.FIRST_NAME, Kind.LAST_NAME, Kind.FULL_NAME, Kind.USERNAME, Kind.GENDER, Kind.BIRTH_DATE),
        *(Kind.BIRTH_PLACE, Kind.AGE, Kind.NATIONALITY, Kind.SALUTATION, Kind.PHOTO, Kind.SIGNATURE),
        *(Kind.NATIONAL_ID, Kind.DOCUMENT, Kind.TAX_ID, Kind.MEMBER_NUMBER, Kind.JOB, Kind.COMPANY),
        *(Kind.FAMILY, Kind.VEHICLE),
    ),
    "contact": (
        *(Kind.EMAIL, Kind.PHONE, Kind.HANDLE),
        *(Kind.STREET, Kind.CITY, Kind.POSTCODE, Kind.REGION, Kind.COUNTRY),
    ),
    "location": (Kind.GEO,),
    "technical": (Kind.IP, Kind.USER_AGENT, Kind.DEVICE, Kind.COOKIE, Kind.SECRET),
    "financial": (Kind.CARD, Kind.BANK, Kind.PAY),
    "communication": (Kind.FREE_TEXT,),
    "usage": (Kind.VISITED,),
    "preference": (Kind.PREFERENCE,),
    "special": (*(Kind.HEALTH, Kind.BELIEF, Kind.ORIGIN, Kind.ORIENTATION, Kind.BIOMETRIC, Kind.CRIME),),
}
_CATEGORY = {kind: category for category, kinds in _BY_CATEGORY.items() for kind in kinds}
