"""The addresses of the privacy centre."""

from __future__ import annotations

from django.urls import path
from django.views.i18n import set_language

from troth.desk.public import filing, following, package, pages

app_name = "public"
urlpatterns = [
    path("", pages.home, name="home"),
    path("policy", pages.policy, name="policy"),
    path("contact/", pages.contact, name="contact"),
    path("complain/", pages.complain, name="complain"),
    path("language/", set_language, name="language"),
    path("robots.txt", pages.robots, name="robots"),
    path(".well-known/security.txt", pages.security, name="security"),
    path("requests/", filing.rights, name="requests"),
    path("requests/new/<slug:kind>/", filing.new, name="new"),
    path("requests/follow/", filing.follow, name="follow"),
    path("requests/sent/", filing.sent, name="sent"),
    path("r/<slug:secret>/", following.status, name="status"),
    path("r/<slug:secret>/prove/code/", following.send_code, name="send-code"),
    path("r/<slug:secret>/prove/", following.prove, name="prove"),
    path("r/<slug:secret>/withdraw/", following.withdraw, name="withdraw"),
    path("r/<slug:secret>/package/code/", package.send_code, name="package-code"),
    path("r/<slug:secret>/package/", package.unlock, name="package"),
    path("r/<slug:secret>/package/<slug:once>/", package.take, name="take"),
]
