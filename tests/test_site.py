"""The documentation site builds without a warning, opens from disk, is searched there, and keeps nobody out."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest

from tests.browser import in_browser, is_wider_than_the_screen, serious_violations
from tests.conftest import ROOT, environment
from tests.documents import PAGES

pytestmark = pytest.mark.long
LOOKED_AT = ("index", "tutorial", "results", "commands", "glossary")


class Links(HTMLParser):
    """What a page links to and loads, and the places on it."""

    def __init__(self, page):
        super().__init__()
        self.links, self.places = [], {""}
        self.feed(page.read_text())

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.links += [given[name] for name in ("href", "src") if given.get(name)]
        self.places |= {given[name] for name in ("id", "name") if given.get(name)}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    pytest.importorskip("sphinx", reason="needs the generator of the site; `make docs` installs it")
    folder = tmp_path_factory.mktemp("site")
    recipe = re.search(r"^docs:.*\n\t@\$\(BIN\)/python (.*) build/docs$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    made = subprocess.run(
        [sys.executable, *recipe[1].split(), "--doctree-dir", folder / "doctrees", folder / "html"],
        cwd=ROOT, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (made.returncode, made.stderr) == (0, "")
    assert "--fail-on-warning" in recipe[1]
    return folder / "html"


def test_every_page_is_in_the_site_and_every_link_of_it_leads_somewhere(site):
    pages = {path: Links(path) for path in site.rglob("*.html") if "_static" not in path.parts}
    for page in PAGES[1:]:
        assert (site / page.relative_to(ROOT / "docs")).with_suffix(".html") in pages
    for path, of in pages.items():
        for link in of.links:
            target, _, place = link.partition("#")
            if re.match(r"[a-z]+:", link):
                continue
            there = (path.parent / unquote(target.partition("?")[0])).resolve() if target else path
            assert there.is_file(), (path.name, link)
            assert there not in pages or unquote(place) in pages[there].places, (path.name, link)


def test_the_page_of_commands_has_every_option_and_no_markup_is_left_in_text(site):
    from bench.cli.main import COMMANDS, cli

    text = (site / "commands.html").read_text()
    shown = {unquote(place) for place in Links(site / "commands.html").places}
    for name in COMMANDS:
        for each in cli.get_command(None, name).params:
            if each.param_type_name == "option" and not each.hidden:
                assert any(place.endswith(f"-{name}-{each.opts[0].lstrip('-')}") for place in shown), (name, each.opts)
    for page in site.glob("*.html"):
        assert ".. option::" not in page.read_text(), page.name
    assert "python -m bench explain GIL" in text


def test_pages_load_nothing_from_elsewhere(site):
    for path in site.rglob("*.html"):
        text = path.read_text()
        assert not re.search(r"<(?:script|img|iframe)[^>]*src=\"(?:https?:)?//", text), path.name
        assert not re.search(r"<link[^>]*rel=\"stylesheet\"[^>]*href=\"(?:https?:)?//", text), path.name


@in_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_readers_out(site, browser, scheme):
    for width in (390, 1280, 1920):
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        errors = []
        page.on("pageerror", lambda error, errors=errors: errors.append(str(error)))
        for name in LOOKED_AT:
            page.goto(f"{(site / name).as_uri()}.html")
            assert page.locator("h1").first.is_visible()
            assert serious_violations(page) == [], (name, width)
            assert not is_wider_than_the_screen(page), (name, width)
        assert errors == []
        page.close()


@in_browser
def test_a_word_is_found_from_disk(site, browser):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto((site / "index.html").as_uri())
    page.keyboard.press("Control+k")
    page.keyboard.type("pickling")
    page.keyboard.press("Enter")
    found = page.locator("#search-results li a")
    found.first.wait_for()
    titles = " ".join(found.all_inner_texts())
    assert "Glossary" in titles
    page.get_by_role("link", name="pickling").first.click()
    page.wait_for_url("**/glossary.html*")
    assert page.locator("h3", has_text="pickling").is_visible()
    page.close()
