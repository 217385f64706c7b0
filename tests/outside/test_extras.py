from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest

from doxa.errors import MissingExtraError
from doxa.outside.extras import LIBRARIES, is_there, require

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))[
    "project"
]


def test_each_library_is_in_the_extra_that_its_message_names() -> None:
    brought = {
        (re.split(r"[<>=\[ ]", one)[0], extra)
        for extra, all_of_it in PROJECT["optional-dependencies"].items()
        for one in all_of_it
    }
    assert set(LIBRARIES.values()) <= brought


@pytest.mark.parametrize("module", LIBRARIES)
def test_a_missing_one_is_named_without_an_import(
    module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    assert not is_there(module)
    with pytest.raises(MissingExtraError) as caught:
        require(module)
    library, extra = LIBRARIES[module]
    assert str(caught.value) == f'{library} is not installed: run  pip install "doxa[{extra}]"'


def test_one_that_is_there_is_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "vl_convert.py").write_text("raise SystemExit")
    monkeypatch.delitem(sys.modules, "vl_convert", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    require("vl_convert")
