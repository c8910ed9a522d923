"""Django's settings, made of the project's folder and environment: nothing is read from a settings module.

What an operator may set stands in `docs/reference/desk.md`: `TROTH_HOSTS`, `TROTH_TLS`, `TROTH_PROXY`, and more.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from troth.desk import languages
from troth.evidence import keyfiles
from troth.ledger import place as places
from troth.ledger import setup as ledger_setup
from troth.problems import BadInput, Problem

HERE = Path(__file__).resolve().parent
HOSTS = "TROTH_HOSTS"
"""Names under which the desk is reached, with commas between; by default this machine's own."""
TLS = "TROTH_TLS"
"""`yes` where it is reached by HTTPS alone."""
PROXY = "TROTH_PROXY"
"""`yes` where every request comes through one reverse proxy, whose word on scheme and client is taken."""
OIDC = ("TROTH_OIDC_ISSUER", "TROTH_OIDC_CLIENT_ID", "TROTH_OIDC_CLIENT_SECRET")
"""A company's own sign-in (OpenID Connect Discovery 1.0); all three, or none."""
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
SESSION = 8 * 60 * 60
"""Seconds a sign-in lasts."""
LARGEST_BODY = 1_000_000
"""Bytes of a form without its files."""
SAID_ONCE = 3 * 24 * 60 * 60
"""Seconds an invitation or a link to a new password is good for."""
SHORTEST_PASSWORD = 12
"""Characters: NIST SP 800-63B asks for 8 beside a second factor, and for no rules on what they are."""
APPS = (
    "troth.ledger",
    "troth.desk.apps.DeskConfig",
    "unfold",
    "django.forms",
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
    "troth.desk.operating.logs.Requests",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "troth.desk.guard.Guard",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "troth.desk.speaking.Rooms",
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
    hosts = hosts_of(environment)
    return {
        "TROTH_FOLDER": folder,
        "TROTH_ENVIRONMENT": dict(environment),
        "DEBUG": False,
        "SECRET_KEY": _secret(folder, environment),
        "ALLOWED_HOSTS": [*(_bare(host) for host in hosts), *LOOPBACK],
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
        "FORM_RENDERER": "troth.desk.forms.Renderer",
        "DATA_UPLOAD_MAX_MEMORY_SIZE": LARGEST_BODY,
        "DATA_UPLOAD_MAX_NUMBER_FIELDS": 200,
        **_languages(folder),
        **_caches(),
        **_safe(environment, tls=tls),
        **_signing_in(tls=tls),
        **_company(environment),
    }


def hosts_of(environment: Mapping[str, str]) -> list[str]:
    """Return the names under which the desk is reached, with their ports where they have one."""
    return [one.strip() for one in environment.get(HOSTS, "").split(",") if one.strip()]


def _bare(host: str) -> str:
    """Leave the port off."""
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host


def _caches() -> dict[str, Any]:
    """Keep counters of tries in the ledger's database, where all processes see them."""
    return {"CACHES": {"default": {"BACKEND": "troth.desk.cache.Cache"}}}


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


def _languages(folder: Path) -> dict[str, Any]:
    named = [("en", "English"), ("de", "Deutsch")]
    paths = [languages.compiled(folder)]
    formats = {"FORMAT_MODULE_PATH": "troth.desk.formats"}
    return {"USE_I18N": True, "LANGUAGE_CODE": "en", "LANGUAGES": named, "LOCALE_PATHS": paths, **formats}


def _safe(environment: Mapping[str, str], *, tls: bool) -> dict[str, Any]:
    """Say what browsers may do with our pages (OWASP Secure Headers; CSP Level 3; RFC 6265bis for `__Host-`)."""
    hosts, proxy = hosts_of(environment), environment.get(PROXY, "") == "yes"
    scheme = "https" if tls else "http"
    prefix = "__Host-" if tls else ""
    return {
        "CSRF_TRUSTED_ORIGINS": [f"{scheme}://{host}" for host in hosts],
        "SESSION_COOKIE_NAME": f"{prefix}troth-session",
        "SESSION_COOKIE_AGE": SESSION,
        "SESSION_COOKIE_SECURE": tls,
        "CSRF_COOKIE_NAME": f"{prefix}troth-form",
        "CSRF_COOKIE_SECURE": tls,
        "CSRF_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_AGE": None,
        "CSRF_FAILURE_VIEW": "troth.desk.faults.forbidden",
        "LANGUAGE_COOKIE_NAME": f"{prefix}troth-language",
        "LANGUAGE_COOKIE_SECURE": tls,
        "SECURE_HSTS_SECONDS": 31_536_000 if tls else 0,
        "SECURE_SSL_REDIRECT": tls and proxy,
        "SECURE_REDIRECT_EXEMPT": [r"^health/", r"^metrics$"],
        "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https") if proxy else None,
        # Not `no-referrer`: under it browsers send forms with `Origin: null` (Fetch §3.1), which no CSRF check takes.
        "SECURE_REFERRER_POLICY": "same-origin",
        "SECURE_CONTENT_TYPE_NOSNIFF": True,
        "SECURE_CROSS_ORIGIN_OPENER_POLICY": "same-origin",
        "X_FRAME_OPTIONS": "DENY",
        "TROTH_PROXIES": 1 if proxy else 0,
        "CONTENT_SECURITY_POLICY": {
            "DIRECTIVES": {
                "default-src": [NONE],
                "script-src": [SELF],
                "style-src": [SELF],
                "img-src": [SELF, "data:"],
                "font-src": [SELF],
                "connect-src": [SELF],
                "form-action": [SELF, *_company_origin(environment)],
                "frame-ancestors": [NONE],
                "base-uri": [NONE],
            }
        },
    }


def _signing_in(*, tls: bool) -> dict[str, Any]:
    validators = "django.contrib.auth.password_validation."
    return {
        "AUTHENTICATION_BACKENDS": ["allauth.account.auth_backends.AuthenticationBackend"],
        "LOGIN_URL": "/account/login/",
        "LOGIN_REDIRECT_URL": "/desk/",
        "PASSWORD_RESET_TIMEOUT": SAID_ONCE,
        # Hard on memory (RFC 7914), with the cost OWASP's Password Storage sheet asks for.
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.ScryptPasswordHasher"],
        "AUTH_PASSWORD_VALIDATORS": [
            {"NAME": f"{validators}MinimumLengthValidator", "OPTIONS": {"min_length": SHORTEST_PASSWORD}},
            {"NAME": f"{validators}UserAttributeSimilarityValidator"},
            {"NAME": f"{validators}CommonPasswordValidator"},
        ],
        "EMAIL_BACKEND": "troth.desk.accounts.mail.Backend",
        "ACCOUNT_ADAPTER": "troth.desk.accounts.adapters.Account",
        "ACCOUNT_FORMS": {"reset_password": "troth.desk.accounts.forgotten.Forgotten"},
        "ACCOUNT_LOGIN_METHODS": {"email"},
        "ACCOUNT_SIGNUP_FIELDS": ["email*", "password1*"],
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "ACCOUNT_EMAIL_NOTIFICATIONS": False,
        "ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS": False,
        "ACCOUNT_LOGIN_ON_PASSWORD_RESET": True,
        "ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE": True,
        "ACCOUNT_LOGOUT_REDIRECT_URL": "/account/login/",
        "ACCOUNT_SESSION_REMEMBER": False,
        "ACCOUNT_REAUTHENTICATION_TIMEOUT": 15 * 60,
        "SOCIALACCOUNT_ADAPTER": "troth.desk.accounts.adapters.Company",
        "SOCIALACCOUNT_EMAIL_AUTHENTICATION": True,
        "SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT": True,
        "SOCIALACCOUNT_LOGIN_ON_GET": False,
        "SOCIALACCOUNT_STORE_TOKENS": False,
        "MFA_ADAPTER": "troth.desk.accounts.adapters.SecondFactor",
        "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
        "MFA_PASSKEY_LOGIN_ENABLED": True,
        "MFA_TOTP_TOLERANCE": 1,
        "MFA_TOTP_ISSUER": "Troth",
        "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN": not tls,
    }


def _company(environment: Mapping[str, str]) -> dict[str, Any]:
    """Let staff sign in where their company has them sign in.

    Raises:
        BadInput: when only a part of what it takes is set.
    """
    given = {name: environment.get(name, "").strip() for name in OIDC}
    if not any(given.values()):
        return {}
    if missing := [name for name, value in given.items() if not value]:
        raise BadInput(
            [
                Problem(
                    code="missing-key",
                    message=f"Signing in through a company needs {', '.join(missing)} too.",
                    hint="Set all of them in the environment, or none.",
                )
            ]
        )
    issuer, client, secret = given.values()
    app = {
        "provider_id": "company",
        "name": environment.get("TROTH_OIDC_NAME", "").strip() or "your company",
        "client_id": client,
        "secret": secret,
        "settings": {"server_url": issuer},
    }
    return {"SOCIALACCOUNT_PROVIDERS": {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}}


def _company_origin(environment: Mapping[str, str]) -> list[str]:
    """Return whereto the form that signs in leads on; browsers hold a redirect to `form-action` too (CSP Level 3)."""
    issuer = urlsplit(environment.get(OIDC[0], "").strip())
    return [f"{issuer.scheme}://{issuer.netloc}"] if issuer.netloc else []
