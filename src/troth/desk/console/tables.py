"""Raw tables for whoever looks after accounts and jobs: Django's admin in unfold's frame, to look at and no more.

Daily work has screens of its own. Columns are named one by one: no secret, digest or sealed value is among them. The
frame's script needs `unsafe-eval` and inline styles, which are let through below this address and nowhere else.
"""

# ruff: noqa: ARG002
# Django says which arguments a permission is asked with.

from __future__ import annotations

from functools import wraps
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from csp.constants import UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_update
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from unfold.admin import ModelAdmin
from unfold.sites import UnfoldAdminSite

from troth.desk.accounts import seat
from troth.desk.accounts.seat import needs
from troth.ledger.models_desk import Account, ApiKey, Delivery, KeptPlan, Webhook

TITLE = "Raw tables"
RELAXED = {"script-src": [UNSAFE_EVAL], "style-src": [UNSAFE_INLINE]}


class Tables(UnfoldAdminSite):
    """The frame: signed in as for every screen, never by a form of its own."""

    index_title = TITLE

    def has_permission(self, request: HttpRequest) -> bool:
        """Let in whoever may look after accounts, signed in with a second factor."""
        found = seat.of(request)
        return found is not None and found.may("accounts")

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Guard a view as the console's are guarded, and let the frame's script work."""
        inner = super().admin_view(view, cacheable)

        @wraps(view)
        def guarded(request: HttpRequest, *given: Any, **named: Any) -> HttpResponseBase:
            answer: HttpResponseBase = inner(request, *given, **named)
            return answer

        return csp_update(RELAXED)(needs("accounts")(guarded))

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Name the frame, give it our colour, and lead back to the console."""
        said = super().each_context(request)
        said |= {"site_title": TITLE, "site_header": TITLE, "site_url": reverse("console:settings")}
        styles = [*said["styles"], static("desk/tables.css")]
        return said | {"styles": styles, "show_history": False, "show_back_button": False}

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Lead to the first page, whose guard leads to where everybody signs in: the frame has no form of its own."""
        return redirect("tables:index")

    def search(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Find tables by their names; unfold's own search keeps objects in the cache, which takes JSON alone."""
        wanted = request.GET.get("s", "").strip().lower()
        if not wanted:
            return HttpResponse()
        pages = Paginator(self._search_apps(self.get_app_list(request), wanted), 100)
        said = {"page_obj": pages, "results": pages.page(1), "page_counter": 0, "execution_time": 0.0}
        whole = "command" if "extended" in request.GET else "search"
        return render(request, f"unfold/helpers/{whole}_results.html", said)

    def logout(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Lead to where everybody signs out."""
        return redirect("account_logout")

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Lead to where everybody changes their password."""
        return redirect("account_change_password")


class Look(ModelAdmin):
    """A table to look at; nothing is added, changed or deleted here."""

    actions = None
    list_per_page = 50
    show_full_result_count = False

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        """Filter by columns that are shown: a filter by another one would tell its value, piece by piece."""
        named = lookup.partition("__")[0]
        return named in self.list_display and super().lookup_allowed(lookup, value, request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Everybody who got in."""
        return True

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Everybody who got in."""
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False


def _of(*columns: str, by: tuple[str, ...] = (), order: tuple[str, ...] = ()) -> type[Look]:
    """Return a table that shows some columns and no others."""

    said = {"fields": columns, "list_display": columns, "list_filter": by, "ordering": order}
    return type("Shown", (Look,), said)


site = Tables(name="tables")
Delivery._meta.verbose_name_plural = "deliveries"
TABLES: tuple[tuple[Any, type[Look]], ...] = (
    (User, _of("id", "username", "email", "is_active", "last_login", "date_joined", order=("id",))),
    (Account, _of("id", "user", "role", "since", by=("role",), order=("id",))),
    (Authenticator, _of("id", "user", "type", "created_at", "last_used_at", by=("type",), order=("-id",))),
    (UserSession, _of("id", "user", "created_at", "last_seen_at", order=("-last_seen_at",))),
    (
        ApiKey,
        _of(
            "id",
            "name",
            "prefix",
            "scopes",
            "made_at",
            "expires_at",
            "ended_at",
            "last_used_at",
            order=("id",),
        ),
    ),
    (Webhook, _of("id", "name", "url", "events", "made_at", "ended_at", order=("id",))),
    (
        Delivery,
        _of(
            *("id", "webhook", "event", "state", "attempts", "code", "next_at", "made_at", "ended_at"),
            by=("state", "event"),
            order=("-id",),
        ),
    ),
    (
        KeptPlan,
        _of(
            *(
                "id",
                "hash",
                "kind",
                "rows",
                "state",
                "approvals",
                "made_at",
                "approved_at",
                "ended_at",
                "job",
            ),
            by=("state", "kind"),
            order=("-id",),
        ),
    ),
)
for model, shown in TABLES:
    site.register(model, shown)
