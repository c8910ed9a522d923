"""Give a project's desk one account of each role, with password and second factor; prints them as JSON.

Run in a process of its own, for the tests' process knows Django for the ledger alone:

    python tests/desk/people.py FOLDER
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from troth.desk import roles, setup

NAMES = {
    "agent": "Agnes Vogel",
    "lead": "Leo Brandt",
    "engineer": "Enid Okafor",
    "auditor": "Aude Martin",
}
PASSWORD = "correct horse battery staple"


def main(folder: Path) -> None:
    """Make the accounts."""
    setup.configure(folder, os.environ)
    from troth.desk import tables

    tables.bring_up_to_date()
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import generate_totp_secret
    from django.contrib.auth.hashers import make_password
    from django.contrib.auth.models import User

    from troth.desk.accounts import adapters, staffing

    made, hashed = {}, make_password(PASSWORD)
    for role in roles.ROLES:
        email = f"{role}@desk.example"
        staff = staffing.add(NAMES[role], email, role, by="the tests").staff
        user = User.objects.get(email=email)
        user.password = hashed
        user.save()
        secret = generate_totp_secret()
        Authenticator.objects.create(
            user=user, type="totp", data={"secret": adapters.SecondFactor().encrypt(secret)}
        )
        made[role] = {
            "name": NAMES[role],
            "email": email,
            "password": PASSWORD,
            "secret": secret,
            "staff": staff,
        }
    sys.stdout.write(json.dumps(made))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
