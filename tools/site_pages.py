"""Pages of the docs site that are made while it is built: a hook that `mkdocs.yml` names.

The commands' page comes from the commands, the pages of the Python interface from what each room
exports, the page of the house from what each room says of itself, and the tutorials from notebooks
that are run (`site_notebooks`).
"""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from typer import Context
from typer.cli import get_docs_for_click
from typer.main import get_command

import doxa
from doxa.cli import app

sys.path.insert(0, str(Path(__file__).parent))
from site_notebooks import NOTEBOOKS, Notebook

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

ROOMS = sorted(set(dir(doxa)) - set(doxa.__all__))


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that no file holds."""
    from mkdocs.structure.files import File

    pages: dict[str, str | bytes] = {
        "reference/commands.md": commands(),
        "reference/api/doxa.md": api("doxa", doxa),
        "develop/house.md": house(),
    }
    for room in ROOMS:
        pages[f"reference/api/{room}.md"] = api(f"doxa.{room}", import_module(f"doxa.{room}"))
    for path in NOTEBOOKS:
        pages.update(Notebook.read(path).run().pages())
    for name, content in pages.items():
        files.append(File.generated(config, name, content=content))
    return files


def commands() -> str:
    """Write what every command does, takes and is called like, as its `--help` says it."""
    command = get_command(app)
    text = get_docs_for_click(obj=command, ctx=Context(command), name="doxa", title="Commands")
    # the list of a group's commands is cut short there, and stands beside the page
    text = re.sub(r"\*\*Commands\*\*:\n\n(\* .*\n)+\n", "", text)
    return re.sub(r"^Example:  (.*)$", r"**Example**:\n\n```sh\n\1\n```", text, flags=re.MULTILINE)


def api(name: str, room: ModuleType) -> str:
    """Name everything that a room exports, for mkdocstrings to describe."""
    said = re.split(r"\n=+ +=+\n", room.__doc__ or "")[0].rstrip()
    lines = [f"# {name}", "", said, ""]
    for one in room.__all__:
        # where a file has the name of what it holds, the name alone would stand for the file
        inner = isinstance(sys.modules.get(f"{name}.{one}"), ModuleType)
        lines.append(f"::: {name}.{one}.{one}" if inner else f"::: {name}.{one}")
    return "\n".join(line for line in lines if not line.endswith(".__version__")) + "\n"


def house() -> str:
    """Write what each room is for and which files it has, in the words of its `__init__.py`."""
    package = Path(doxa.__file__).parent
    lines = ["# The house", "", "Each room of the package, in its own words. Data flows one way: "]
    lines[-1] += "a room imports only rooms below it."
    for path in sorted(package.glob("*/__init__.py")):
        said = import_module(f"doxa.{path.parent.name}").__doc__ or ""
        lines += ["", f"## {path.parent.name}", "", _tables(said)]
    return "\n".join(lines) + "\n"


def _tables(said: str) -> str:
    """Turn the tables of a docstring into Markdown's."""
    lines: list[str] = []
    inside = False
    for line in said.splitlines():
        if re.fullmatch(r"=+ +=+", line):
            inside = not inside
            lines += ["| file | what it is for |", "|---|---|"] if inside else []
        elif inside:
            file, what = re.split(r" {2,}", line, maxsplit=1)
            lines.append(f"| {file} | {what} |")
        else:
            lines.append(line)
    return "\n".join(lines)
