from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from typing import TYPE_CHECKING

import doxa
from doxa.bench import machine as module
from doxa.bench.machine import machine, versions
from doxa.outside.processor import cores
from doxa.score.core import core_use

if TYPE_CHECKING:
    import pytest


def test_the_machine_is_described() -> None:
    found = machine(None)
    assert found["processor"]
    assert found["cores"] == found["threads"] == cores()
    assert found["instruction_set"] == core_use().instruction_set
    assert machine(5)["threads"] == 5


def test_the_versions_that_were_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(versions(with_model=False)) == {"doxa", "numpy", "polars", "python"}
    found = versions(with_model=True)
    assert found["doxa"] == doxa.__version__
    assert found["llama_cpp_python"][0].isdigit()

    def absent(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(module, "version", absent)
    assert versions(with_model=True)["llama_cpp_python"] == "unknown"
