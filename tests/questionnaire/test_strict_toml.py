from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doxa.errors import QuestionnaireError
from doxa.questionnaire.strict_toml import read_toml

if TYPE_CHECKING:
    from pathlib import Path

    from doxa.questionnaire.strict_toml import TomlTable

TEXT = """
name = "Tea"
steps = 3
empty = " "
flag = true
codes = [1, 2, true]
positions = [1, 2.5]
odd = [1, "x"]
[cups.small]
size = 1
[cups.large]
size = 2
"""


@pytest.fixture
def file(tmp_path: Path) -> TomlTable:
    (tmp_path / "tea.toml").write_text(TEXT, encoding="utf-8")
    return read_toml(tmp_path / "tea.toml")


def test_each_key_is_taken_once(file: TomlTable) -> None:
    assert file.holds("name", str)
    assert not file.holds("name", int)
    assert (file.take("name", str), file.take("steps", int)) == ("Tea", 3)
    assert file.numbers("positions") == (1.0, 2.5)
    assert file.numbers("positions") == ()
    assert "name" not in tuple(file.remaining())
    with pytest.raises(QuestionnaireError, match=r"tea.toml, name: is missing: add it"):
        file.take("name", str)


def test_tables_know_their_place(file: TomlTable) -> None:
    cups = file.table("cups")
    sizes = {name: table.take("size", int) for name, table in cups.tables()}
    assert sizes == {"small": 1, "large": 2}
    cups.finish()
    assert list(file.optional_table("saucers").remaining()) == []
    assert str(cups.error("is cold", "small")).endswith("tea.toml, cups.small: is cold")


def test_a_wrong_value_is_named(file: TomlTable) -> None:
    with pytest.raises(QuestionnaireError, match="name: is 'Tea', not a whole number"):
        file.take("name", int)
    with pytest.raises(QuestionnaireError, match="flag: is True, not a whole number"):
        file.take("flag", int)
    with pytest.raises(QuestionnaireError, match="empty: is empty: write it, or remove the key"):
        file.take("empty", str)
    with pytest.raises(QuestionnaireError, match="codes: holds True, which is not a whole number"):
        file.list_of("codes", int)
    with pytest.raises(QuestionnaireError, match="odd: holds 'x', which is not a number"):
        file.numbers("odd")
    assert file.list_of("absent", int, optional=True) == ()


def test_a_key_that_nothing_reads_is_an_error(file: TomlTable) -> None:
    file.take("name", str)
    with pytest.raises(QuestionnaireError, match="steps: is unknown: remove it or correct its sp"):
        file.finish()


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(QuestionnaireError, match=r"absent.toml: cannot be read \(no such file"):
        read_toml(tmp_path / "absent.toml")
    for content in (b"[", "é = 1".encode("latin-1")):
        (tmp_path / "bad.toml").write_bytes(content)
        with pytest.raises(QuestionnaireError, match=r"bad.toml: is not TOML .*correct that place"):
            read_toml(tmp_path / "bad.toml")
