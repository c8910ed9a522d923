"""Every address of the desk, room by room."""

from __future__ import annotations

from django.urls import include, path

from troth.desk import faults
from troth.desk.console import tables

urlpatterns = [
    # The address of an account is the one that was invited; the library would let people add others.
    path("account/email/", faults.not_found),
    path("account/", include("allauth.urls")),
    path("desk/tables/", tables.site.urls),
    path("desk/", include("troth.desk.console.urls")),
    path("api/", include("troth.desk.api.urls")),
    path("", include("troth.desk.operating.urls")),
    path("", include("troth.desk.public.urls")),
]

handler400 = "troth.desk.faults.bad_request"
handler403 = "troth.desk.faults.forbidden"
handler404 = "troth.desk.faults.not_found"
handler429 = "troth.desk.faults.too_many_tries"  # allauth's name
handler500 = "troth.desk.faults.unforeseen"
