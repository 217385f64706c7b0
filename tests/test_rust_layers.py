"""The Rust crate is built in layers: no circle, one home for Python, one type for each name."""

from __future__ import annotations

import re
from collections import Counter
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

RUST = Path(__file__).parent.parent / "rust"
FILES = sorted(path for path in RUST.rglob("*.rs") if not {"tests", "benches"} & {*path.parts})

# From the bottom up. Parts of one layer don't know each other.
LAYERS = (
    {"error"},
    {"machine"},
    {"random"},
    {"input", "tabulate"},
    {"metric"},
    {"resample"},
    {"interval"},
    {"python"},
)

Module = tuple[str, ...]


def module_of(path: Path) -> Module:
    """Name a file as Rust does: metric/sums.rs is ("metric", "sums"), metric/mod.rs ("metric",)."""
    parts = path.relative_to(RUST).with_suffix("").parts
    return parts[:-1] if parts[-1] in {"mod", "lib"} else parts


MODULES = {module_of(path): path for path in FILES}


def code(path: Path) -> str:
    """Read a file without its comments; modules within it name it `self`, and not `super`."""
    text = re.sub(r"//[^\n]*", "", path.read_text(encoding="utf-8"))
    return re.sub(
        r"^mod \w+ \{.*?^\}",
        lambda found: found[0].replace("super::", "self::"),
        text,
        flags=re.MULTILINE | re.DOTALL,
    )


def leaves(tree: str) -> list[str]:
    """Split the paths of a `use` at commas outside braces: "a::{b, c}, d" gives a::b, a::c, d."""
    pieces, depth, start = [], 0, 0
    for place, letter in enumerate(tree + ","):
        depth += {"{": 1, "}": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            pieces.append(tree[start:place].strip())
            start = place + 1
    paths = []
    for piece in filter(None, pieces):
        if piece.endswith("}"):
            head, inside = piece[:-1].split("{", 1)
            paths += [head + leaf for leaf in leaves(inside)]
        else:
            paths.append(piece)
    return paths


def paths_in(text: str) -> list[str]:
    """List every path that code names: those of its `use` lines, and those it spells out."""
    used = re.compile(r"\buse\s+([^;]+);")
    paths = [leaf for tree in used.findall(text) for leaf in leaves(" ".join(tree.split()))]
    return paths + re.findall(r"\b(?:crate|super|self)(?:::\w+)+", used.sub("", text))


def imports(module: Module) -> set[Module]:
    """Find the other files that a file names."""
    door = MODULES[module].name in {"mod.rs", "lib.rs"}
    roots = {"crate": (), "super": module[:-1], "self": module}
    found = set()
    for path in paths_in(code(MODULES[module])):
        first, *rest = path.split("::")
        target = (*roots[first], *rest) if first in roots else (*module, first) if door else ()
        while target and target not in MODULES:
            target = target[:-1]
        if target and target != module:
            found.add(target)
    return found


GRAPH = {module: imports(module) for module in MODULES if module}


def test_the_graph_is_read() -> None:
    assert imports(("metric", "lanes")) == {
        ("metric", "sums"),
        ("metric", "table"),
        ("metric", "terms"),
        ("input",),
        ("machine",),
    }
    assert leaves("a::{self, b::{c, d}}, e") == ["a::self", "a::b::c", "a::b::d", "e"]


def test_no_file_imports_itself_through_others() -> None:
    try:
        TopologicalSorter(GRAPH).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join("/".join(module) for module in error.args[1]))


def test_folders_form_layers() -> None:
    height = {part: number for number, layer in enumerate(LAYERS) for part in layer}
    assert {module[0] for module in GRAPH} == set(height)
    upward = [
        f"{'/'.join(module)} uses {'/'.join(other)}"
        for module, others in GRAPH.items()
        for other in others
        if module[0] != other[0] and height[module[0]] <= height[other[0]]
    ]
    assert not upward


def test_a_folder_is_entered_by_its_door() -> None:
    """A file of another folder is named through its `mod.rs`, which says what the folder offers."""
    inside = [
        f"{'/'.join(module)} uses {'/'.join(other)}"
        for module, others in GRAPH.items()
        for other in others
        if module[0] != other[0] and len(other) > 1
    ]
    assert not inside


def test_one_folder_alone_names_python() -> None:
    naming = {
        path.relative_to(RUST).parts[0]
        for path in FILES
        if re.search(r"\b(pyo3|numpy)\b", code(path), re.IGNORECASE)
    }
    assert naming == {"python"}


def test_a_name_is_one_type() -> None:
    declared = re.compile(
        r"^\s*(?:pub(?:\([^)]*\))? )?(?:struct|enum|trait|type|union) (\w+)", re.M
    )
    names = Counter(
        name
        for path in FILES
        for name in declared.findall(code(path))
        # `type Error = …` inside an implementation names the trait's own type.
        if name not in {"Error", "Target"}
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_every_folder_lists_its_files() -> None:
    for folder in {path.parent for path in FILES} - {RUST}:
        door = (folder / "mod.rs").read_text(encoding="utf-8")
        listed = set(re.findall(r"^//! \|.*", door, re.M))
        named = {name for line in listed for name in re.findall(r"`(\w+\.rs)`", line)}
        assert named == {path.name for path in folder.glob("*.rs")} - {"mod.rs"}, folder


def test_files_are_short() -> None:
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert max(lengths.values()) <= 400
