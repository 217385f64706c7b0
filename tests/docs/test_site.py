"""The site has every page in its place, no dead link, and all that users may call."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import doxa

from .pages import DOCS, NOTEBOOKS, PAGES, ROOT, anchors, blocks, cells, links

sys.path.insert(0, str(ROOT / "tools"))
import site_pages

MADE = {
    "reference/commands.md",
    "reference/api/doxa.md",
    "develop/house.md",
    *(f"reference/api/{room}.md" for room in site_pages.ROOMS),
    *(f"tutorials/{notebook.stem}.md" for notebook in NOTEBOOKS),
}
"""The pages that are made while the site is built."""


def in_nav(entry: Any) -> list[str]:
    if isinstance(entry, str):
        return [entry]
    parts = entry.values() if isinstance(entry, dict) else entry
    return [page for part in parts for page in in_nav(part)]


def test_every_page_has_one_place_in_the_navigation() -> None:
    site = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    pages = {page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md")} | MADE
    assert sorted(in_nav(site["nav"])) == sorted(pages)


def lead_nowhere(page: Path, targets: list[str]) -> list[str]:
    dead = []
    for target in targets:
        place, _, anchor = target.partition("#")
        if re.match(r"https://[\w.-]+\.\w+(/|$)", target):
            continue
        file = (page.parent / place).resolve() if place else page
        inside = file.relative_to(DOCS).as_posix() if file.is_relative_to(DOCS) else ""
        there = file.exists() or inside in MADE
        if not there or (anchor and (inside in MADE or anchor not in anchors(file))):
            dead.append(target)
    return dead


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_no_link_of_a_page_leads_nowhere(page: Path) -> None:
    assert lead_nowhere(page, links(page)) == []


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda notebook: notebook.stem)
def test_no_link_of_a_tutorial_leads_nowhere(notebook: Path) -> None:
    text = "\n".join(text for kind, text in cells(notebook) if kind == "markdown")
    found = re.findall(r"\]\(([^)\s]+)\)", text)
    assert lead_nowhere(notebook, found) == []


def test_links_that_lead_nowhere_are_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A *b* `c`, d\n\n[x](#a-b-c-d) [x](#e) [x](no.md) [x](http://a.org)\n\n")
    assert lead_nowhere(page, links(page)) == ["#e", "no.md", "http://a.org"]


def test_every_block_says_its_language() -> None:
    assert not [str(block) for page in PAGES for block in blocks(page) if not block.language]


def test_whatever_a_room_exports_is_described() -> None:
    for name in ("doxa", *(f"doxa.{room}" for room in site_pages.ROOMS)):
        room = importlib.import_module(name)
        page = site_pages.api(name, room)
        described = set(re.findall(r"^::: .*\.(\w+)$", page, flags=re.MULTILINE))
        assert described == set(room.__all__) - {"__version__"}


def test_every_command_is_on_its_page_with_its_example() -> None:
    page = site_pages.commands()
    for command in ("ask", "score", "report", "survey import", "prompts show"):
        assert f"## `doxa {command}`" in page
    groups = len(re.findall(r"COMMAND \[ARGS\]", page))
    assert page.count("**Example**:\n\n```sh\ndoxa ") == page.count("**Usage**") - groups


def test_the_house_is_in_its_rooms_own_words() -> None:
    page = site_pages.house()
    for path in Path(doxa.__file__).parent.glob("*/__init__.py"):
        assert f"\n## {path.parent.name}\n" in page
    assert "| `experiment` | `Experiment`: what to ask which models |" in page
    assert "=====" not in page
