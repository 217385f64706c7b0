from __future__ import annotations

import ast
import json
import tomllib
from pathlib import Path

import pytest

import doxa
from doxa.outside.documents import json_of, literal_of, toml_of

DEEP = [
    "[" * 100_000,
    "[" * 100_000 + "]" * 100_000,
    '{"a":' * 50_000,
    "(" * 5000,
    "-" * 5000 + "1",
]


@pytest.mark.parametrize("read", [json_of, literal_of, lambda text: toml_of(f"a = {text}")])
@pytest.mark.parametrize("text", [*DEEP, "", "\x00", "9" * 5000 + "x", "{", "\ud800", "f'{1}'"])
def test_whatever_is_wrong_is_a_value_error(read: object, text: str) -> None:
    with pytest.raises(ValueError, match=r".+") as raised:
        read(text)  # type: ignore[operator]
    assert "\n" not in str(raised.value).strip()


@pytest.mark.parametrize("read", [json_of, toml_of])
def test_bytes_that_are_not_utf_8_are_told(read: object) -> None:
    with pytest.raises(ValueError, match="utf-8"):
        read(b'"\xff"')  # type: ignore[operator]


def test_sound_documents_are_read() -> None:
    assert json_of(b'{"a": [1, null, "\\ud83d\\ude00"]}') == {"a": [1, None, "😀"]}
    assert toml_of(b"a = [1, 'x']") == {"a": [1, "x"]}
    assert literal_of("['1', {'a': None}]") == ["1", {"a": None}]


def test_half_a_character_is_replaced() -> None:
    found = json_of(r'{"\ud800": ["a\uDFFFb", 1, "\\ud800"]}')
    assert found == {"\ufffd": ["a\ufffdb", 1, "\\ud800"]}
    json.dumps(found, ensure_ascii=False).encode()


PACKAGE = Path(doxa.__file__).parent
# what one process of doxa says to another, what is in a lock, and what runs without doxa
OWN = {
    *("backend/child.py", "files/lock.py"),
    *("harness/carried/doxa_inspect.py", "harness/carried/doxa_lm_eval.py"),
}


def test_documents_from_outside_pass_through_here() -> None:
    parsers = {(json, "loads"), (tomllib, "loads"), (tomllib, "load"), (ast, "literal_eval")}
    names = {(module.__name__, name) for module, name in parsers}
    found = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        # what is shipped with doxa is its own
        if "importlib.resources" not in path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr) in names
    }
    assert found - OWN == {"outside/documents.py"}
