"""Fixtures of the desk: a project made once, a server and a browser for each file of tests.

The tests of a file stay in one process (`spreading.py`): they share a server.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from desk import serving
from desk.serving import Project, Served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ("--no-sandbox", "--disable-background-networking", "--disable-dev-shm-usage", "--disable-gpu")
Opened = Callable[..., "Page"]


@pytest.fixture(scope="session")
def janusipm(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Make the project all copies are made of."""
    return serving.make_project(tmp_path_factory.mktemp("desk") / "janusipm")


@pytest.fixture(scope="module")
def project(janusipm: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a copy for one file of tests; prepare it before `desk` serves it."""
    return janusipm.copy(tmp_path_factory.mktemp("project") / "janusipm")


@pytest.fixture(scope="module")
def desk(project: Project) -> Iterator[Served]:
    """Serve the file's project."""
    with serving.serving(project) as served:
        yield served


@pytest.fixture
def serve(janusipm: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Served]]:
    """Serve copies of the project with other settings: `serve(TROTH_TLS="yes")`."""
    with ExitStack() as stack:

        def start(project: Project | None = None, **environment: str) -> Served:
            copy = project or janusipm.copy(tmp_path_factory.mktemp("other") / "janusipm")
            return stack.enter_context(serving.serving(copy, **environment))

        yield start


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Chromium for a file of tests; fail when there is none, skip only with TROTH_REQUIRE_BROWSER=0.

    While it runs, so does its event loop in this thread, in which Django lets nobody use a ledger.
    """
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        if os.environ.get("TROTH_REQUIRE_BROWSER") == "0":
            pytest.skip("no Chromium here")
        pytest.fail("no Chromium here: scripts/setup.sh dev installs it", pytrace=False)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=list(ARGUMENTS))
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser, desk: Served) -> Iterator[Opened]:
    """Open a page: `open_page("/desk/", role="lead", width=390, dark=True, javascript=False)`."""
    with ExitStack() as stack:

        def opened(
            path: str = "",
            *,
            role: str = "",
            width: int = 1280,
            dark: bool = False,
            javascript: bool = True,
            served: Served | None = None,
            **more: Any,
        ) -> Page:
            server = served or desk
            context = browser.new_context(
                base_url=server.address,
                viewport={"width": width, "height": 900},
                color_scheme="dark" if dark else "light",
                java_script_enabled=javascript,
                locale="en-GB",
                bypass_csp=False,
                **more,
            )
            context.set_default_timeout(serving.PATIENCE * 1000)
            stack.callback(context.close)
            if role:
                cookies = server.signed_in(role).cookies
                context.add_cookies(
                    [{"name": name, "value": value, "url": server.address} for name, value in cookies.items()]
                )
            page = context.new_page()
            if path:
                page.goto(path)
            return page

        yield opened
