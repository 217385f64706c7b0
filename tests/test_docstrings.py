"""Every example in a docstring gives the result that it shows."""

from __future__ import annotations

import doctest
import pkgutil
from importlib import import_module

import pytest

import doxa

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(doxa.__path__, "doxa.")
    if not module.name.endswith(("__main__", "._core"))
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of(name: str, tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(str(tmp_path))
    assert doctest.testmod(import_module(name)).failed == 0
