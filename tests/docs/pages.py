"""The pages of the documentation: their blocks of code, their links, and how they are run."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from doxa.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
NOTEBOOKS = sorted((DOCS / "tutorials").glob("*.py"))
_SMALL = {"--questions": "Q1,Q57", "--examples": "0", "--draws": "2"}
"""What a command that asks gets where it says nothing, so that it asks little."""
_FENCE = re.compile(r"^ *(`{3,})(.*)$")
_MARK = re.compile(r"<!-- (not run by the tests: .*) -->")


@dataclass(frozen=True)
class Block:
    """A block of code: where it begins, its language, its text, why it is not run, if it isn't."""

    page: Path
    line: int
    language: str
    text: str
    excuse: str
    printed: bool

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path) -> list[Block]:
    """Find the blocks of a page."""
    found, before, fence, info, start, inside = [], "", "", "", 0, []
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
        match = _FENCE.match(line)
        if fence and match and match[1] == fence and not match[2]:
            excuse = _MARK.fullmatch(before)
            told = re.search(r'title="(.*?)"', info)
            found.append(
                Block(
                    page,
                    start,
                    re.sub(r"^\{\.", "", info).split()[0].rstrip("}") if info else "",
                    "\n".join(inside) + "\n",
                    excuse[1] if excuse else told[1] if told and ".not-run" in info else "",
                    ".printed" in info,
                )
            )
            fence, before = "", ""
        elif fence:
            inside.append(line)
        elif match:
            fence, info, start, inside = match[1], match[2], number, []
        else:
            before = line
    assert not fence, f"{page}: a block does not end"
    return found


def text_of(page: Path) -> str:
    """Return a page's text without its blocks of code and without code in a line."""
    text = re.sub(r"^ *(```+).*?^ *\1$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    return re.sub(r"`[^`\n]*`", "", text)


def anchors(page: Path) -> set[str]:
    """Return what a link to a heading of a page may end with."""
    found = set()
    text = re.sub(r"^ *(```+).*?^ *\1$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    for heading in re.findall(r"^#+ (.*)$", text, flags=re.M):
        plain = re.sub(r"\]\(.*?\)|[`*\[\]]", "", heading)
        plain = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
        found.add(re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip().lower()))
    return found


def links(page: Path) -> list[str]:
    """Return where the links and pictures of a page lead to."""
    return re.findall(r"\]\(([^)\s]+)\)", text_of(page))


def cells(notebook: Path) -> Iterator[tuple[str, str]]:
    """Give the kind ("python", "sh", "markdown") and the text of each cell of a tutorial."""
    for cell in re.split(r"^# %%", notebook.read_text(encoding="utf-8"), flags=re.M)[1:]:
        head, _, text = cell.partition("\n")
        plain = re.sub(r"^# ?", "", text, flags=re.M)
        if "[markdown]" in head:
            yield "markdown", plain
        elif 'language="bash"' in head:
            yield "sh", plain
        else:
            yield "python", text


def run_python(text: str, where: str, names: dict[str, Any]) -> str:
    """Run a program and return what it printed."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(text, where, "exec"), names)
    return out.getvalue()


def run_shell(text: str) -> str:
    """Run shell commands; `doxa` alone runs in this process, and what it asks is little."""
    out = io.StringIO()
    for line in re.sub(r" *\\\n *", " ", text).splitlines():
        words = shlex.split(os.path.expandvars(line), comments=True)
        if not words:
            continue
        if words[0] == "doxa" and not {"|", ">", "<"} & set(words):
            with contextlib.redirect_stdout(out):
                _doxa([one for word in words[1:] for one in _expanded(word)])
        else:
            done = subprocess.run(
                ["bash", "-ec", f"doxa() {{ {sys.executable} -m doxa \"$@\"; }}\n{line}"],
                check=True, capture_output=True, text=True, env=os.environ | {"EDITOR": "true"},
            )  # fmt: skip
            out.write(done.stdout)
    return out.getvalue()


def _expanded(word: str) -> list[str]:
    found = sorted(map(str, Path().glob(word))) if "*" in word else []
    return found or [word]


def _doxa(arguments: list[str]) -> None:
    if arguments[0] == "ask" and not {"--experiment", "--questionnaire"} & {*arguments}:
        arguments += [
            word
            for name, value in _SMALL.items()
            if name not in arguments
            for word in (name, value)
        ]
    before = sys.argv
    sys.argv = ["doxa", *arguments]
    try:
        main()
    except SystemExit as left:
        if left.code:
            raise AssertionError(f"{shlex.join(sys.argv)}: status {left.code}") from None
    finally:
        sys.argv = before
