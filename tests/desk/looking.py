"""What a browser shows: whether everybody can use it, and pictures of it to look at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from playwright.sync_api import Page

SCREENS = Path(__file__).resolve().parents[2] / "build" / "screens"
SERIOUS = ("serious", "critical")


def assert_accessible(page: Page) -> None:
    """Fail when axe finds a serious or critical fault (WCAG 2.2 A and AA, and best practice) on the page."""
    # The page's own policy keeps foreign scripts out, axe too; the isolated way in is the debugger's.
    found = Axe().run(page).response["violations"]
    bad = [
        f"{one['impact']}: {one['id']}: {one['help']}: {[node['html'][:160] for node in one['nodes'][:3]]}"
        for one in found
        if one["impact"] in SERIOUS
    ]
    assert not bad, "\n".join([page.url, *bad])


def assert_fits(page: Page) -> None:
    """Fail when the page is wider than the window (WCAG 2.2 SC 1.4.10, Reflow)."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} is {wide} pixels wider than its window"


def shot(page: Page, name: str) -> Path:
    """Keep a picture of the whole page under build/screens."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    path = SCREENS / f"{name}.png"
    page.screenshot(path=path, full_page=True)
    return path
