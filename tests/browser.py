"""Pages in a real browser: what it takes to start one, and what no page of ours may do there."""

import shutil

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
in_browser = pytest.mark.skipif(
    CHROMIUM is None, reason="needs Chromium (.ci/run installs it: apt-get install chromium)"
)


def serious_violations(page):
    """What axe finds that keeps people out, each with the first of its elements."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    serious = [each for each in found if each["impact"] in ("serious", "critical")]
    return [(each["id"], [node["html"] for node in each["nodes"]][:3]) for each in serious]


def is_wider_than_the_screen(page):
    return page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
