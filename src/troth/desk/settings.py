"""Django's settings, made of the project's folder and environment: nothing is read from a settings module.

What an operator may set stands in `docs/reference/desk.md`: `TROTH_HOSTS`, `TROTH_TLS`, `TROTH_PROXY`.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF

from troth.evidence import keyfiles
from troth.ledger import place as places
from troth.ledger import setup as ledger_setup

HERE = Path(__file__).resolve().parent
HOSTS = "TROTH_HOSTS"
"""Names under which the desk is reached, with commas between; by default this machine's own."""
TLS = "TROTH_TLS"
"""`yes` where it is reached by HTTPS alone."""
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
SESSION = 8 * 60 * 60
"""Seconds a sign-in lasts."""
LARGEST_BODY = 1_000_000
"""Bytes of a form without its files."""
APPS = (
    "troth.ledger",
    "troth.desk.apps.DeskConfig",
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "ninja",
    "csp",
)
MIDDLEWARE = (
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "troth.desk.faults.Faults",
)


def of(folder: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the settings of a project's desk.

    Raises:
        StoreError: when the ledger's URL cannot be used.
        Refused: when the keys cannot be read.
    """
    tls = environment.get(TLS, "") == "yes"
    hosts = [one.strip() for one in environment.get(HOSTS, "").split(",") if one.strip()]
    return {
        "TROTH_FOLDER": folder,
        "TROTH_ENVIRONMENT": dict(environment),
        "DEBUG": False,
        "SECRET_KEY": _secret(folder, environment),
        "ALLOWED_HOSTS": [*hosts, *LOOPBACK],
        "INSTALLED_APPS": list(APPS),
        "MIDDLEWARE": list(MIDDLEWARE),
        "ROOT_URLCONF": "troth.desk.urls",
        "DATABASES": {"default": ledger_setup.connection(places.parse(_ledger(folder, environment)))},
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "USE_TZ": True,
        "TIME_ZONE": "UTC",
        "LOGGING_CONFIG": None,
        "APPEND_SLASH": False,
        "STATIC_URL": "/static/",
        "WHITENOISE_USE_FINDERS": True,
        "WHITENOISE_AUTOREFRESH": False,
        "TEMPLATES": [_templates()],
        "DATA_UPLOAD_MAX_MEMORY_SIZE": LARGEST_BODY,
        "DATA_UPLOAD_MAX_NUMBER_FIELDS": 200,
        **_languages(),
        **_safe(hosts, tls=tls),
        **_signing_in(),
    }


def _ledger(folder: Path, environment: Mapping[str, str]) -> str:
    return environment.get("TROTH_LEDGER") or f"sqlite:///{(folder / '.troth' / 'ledger.sqlite').resolve()}"


def _secret(folder: Path, environment: Mapping[str, str]) -> str:
    """Derive Django's secret from the ledger's keys, so that all processes of a project share one."""
    named = environment.get("TROTH_KEYS")
    directory = Path(named) if named else folder / ".troth" / "keys"
    keys = keyfiles.load_or_create(directory, f"troth-{secrets.token_hex(4)}", secrets.token_bytes)
    return hashlib.sha256(b"troth desk\0" + keys.commitments).hexdigest()


def _templates() -> dict[str, Any]:
    return {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "troth.desk.context.everywhere",
            ]
        },
    }


def _languages() -> dict[str, Any]:
    return {"USE_I18N": True, "LANGUAGE_CODE": "en", "LANGUAGES": [("en", "English"), ("de", "Deutsch")]}


def _safe(hosts: list[str], *, tls: bool) -> dict[str, Any]:
    """Say what browsers may do with our pages (OWASP Secure Headers; CSP Level 3)."""
    scheme = "https" if tls else "http"
    return {
        "CSRF_TRUSTED_ORIGINS": [f"{scheme}://{host}" for host in hosts],
        "SESSION_COOKIE_AGE": SESSION,
        "SESSION_COOKIE_SECURE": tls,
        "CSRF_COOKIE_SECURE": tls,
        "CSRF_COOKIE_HTTPONLY": True,
        "CSRF_FAILURE_VIEW": "troth.desk.faults.forbidden",
        "SECURE_HSTS_SECONDS": 31_536_000 if tls else 0,
        "SECURE_REFERRER_POLICY": "no-referrer",
        "SECURE_CONTENT_TYPE_NOSNIFF": True,
        "X_FRAME_OPTIONS": "DENY",
        "CONTENT_SECURITY_POLICY": {
            "DIRECTIVES": {
                "default-src": [NONE],
                "script-src": [SELF],
                "style-src": [SELF],
                "img-src": [SELF, "data:"],
                "font-src": [SELF],
                "connect-src": [SELF],
                "form-action": [SELF],
                "frame-ancestors": [NONE],
                "base-uri": [NONE],
            }
        },
    }


def _signing_in() -> dict[str, Any]:
    return {
        "AUTHENTICATION_BACKENDS": ["allauth.account.auth_backends.AuthenticationBackend"],
        "LOGIN_URL": "/account/login/",
        "LOGIN_REDIRECT_URL": "/desk/",
        "ACCOUNT_LOGIN_METHODS": {"email"},
        "ACCOUNT_SIGNUP_FIELDS": ["email*", "password1*"],
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
        "MFA_PASSKEY_LOGIN_ENABLED": True,
    }
