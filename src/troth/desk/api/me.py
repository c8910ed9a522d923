"""Which key calls, what it may do and until when."""

from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema

from troth import __version__
from troth.desk import here
from troth.desk.api import caller
from troth.desk.api.caller import Bearer

router = Router(tags=["me"])


class Me(Schema):
    """The key that calls."""

    key: str
    prefix: str
    acts_as: str
    """As evidence names it."""
    scopes: list[str]
    expires: datetime | None
    organisation: str
    troth: str
    warnings: list[str]


@router.get("", response=Me, auth=Bearer(), operation_id="readMe")
def me(request: HttpRequest) -> Me:
    """Say which key calls, what it may do and until when."""
    who = caller.of(request)
    plainly = ["The token came unencrypted: use https, and rotate the key."] if who.plainly else []
    return Me(
        key=who.key.name,
        prefix=who.key.prefix,
        acts_as=f"staff:{who.key.staff}",
        scopes=list(who.key.scopes),
        expires=who.key.expires_at,
        organisation=here.project().policy.organisation.name,
        troth=__version__,
        warnings=plainly,
    )
