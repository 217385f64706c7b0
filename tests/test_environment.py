"""Every environment variable that the source reads or sets is on the page of them."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "reference" / "environment.md").read_text(encoding="utf-8")
NAME = re.compile(r"_?[A-Z][A-Z0-9]*(_[A-Za-z0-9]+)+")


def is_environ(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "environ"


def keys(tree: ast.Module) -> Iterator[ast.expr]:
    """Find what stands for a variable's name wherever `os.environ` is used."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if is_environ(node.func.value) or node.func.attr == "getenv":
                yield node.args[0]
        elif isinstance(node, ast.Subscript) and is_environ(node.value):
            yield node.slice
        elif isinstance(node, ast.Compare) and any(map(is_environ, node.comparators)):
            yield node.left
        elif isinstance(node, ast.Dict) and any(map(is_environ, node.values)):
            yield from (key for key in node.keys if key is not None)


def variables(source: str) -> set[str]:
    """Return the variables of a file; where a name is computed, all texts that could be it."""
    tree = ast.parse(source)
    texts = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    texts -= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}  # in `__all__`
    found: set[str] = set()
    for key in keys(tree):
        if isinstance(key, ast.Constant):
            found.add(str(key.value))
        else:
            found |= {text for text in texts if NAME.fullmatch(text)}
    return found


def test_names_are_found_however_they_are_written() -> None:
    source = (
        "A = 'FROM_CONSTANT'\nos.environ.get('READ'); os.environ['TAKEN']; 'ASKED' in os.environ\n"
        "os.getenv('GOT'); os.environ.setdefault('SET', '1'); {**os.environ, 'GIVEN': ''}\n"
    )
    assert variables(source) == {"READ", "TAKEN", "ASKED", "GOT", "SET", "GIVEN"}
    assert "FROM_CONSTANT" in variables(source + "os.environ.get(A)")


def test_the_page_lists_what_the_source_uses_and_nothing_else() -> None:
    used: set[str] = set()
    for file in sorted((ROOT / "python" / "doxa").rglob("*.py")):
        if "node_modules" not in file.parts:
            used |= variables(file.read_text(encoding="utf-8"))
    for file in sorted((ROOT / "rust").rglob("*.rs")):
        used |= set(re.findall(r'env::var\("(\w+)"\)', file.read_text(encoding="utf-8")))
    ours = PAGE.partition("## Read by its libraries")[0]
    named = set(re.findall(r"`(_?[A-Z][A-Z0-9]*(?:_[A-Za-z0-9]+)*|PYTHONPATH)(?:=1)?`", ours))
    assert used - named == set(), "add them to docs/reference/environment.md"
    assert named - used == set(), "the source does not use them any more"
