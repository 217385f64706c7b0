from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import TYPE_CHECKING

import doxa
from doxa.backend.library import cores
from doxa.bench import machine as module
from doxa.bench.machine import machine, versions

if TYPE_CHECKING:
    import pytest


def test_the_machine_is_described(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DOXA_NUM_THREADS", raising=False)
    monkeypatch.delenv("DOXA_ISA", raising=False)
    found = machine(None)
    assert found["processor"]
    assert found["cores"] == found["threads"] == cores()
    assert found["instruction_set"] is None


def test_threads_are_those_asked_for_or_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOXA_NUM_THREADS", "3")
    monkeypatch.setenv("DOXA_ISA", "scalar")
    assert machine(None)["threads"] == 3
    assert machine(5)["threads"] == 5
    assert machine(5)["instruction_set"] == "scalar"


def test_a_processor_that_the_system_does_not_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(*_: object, **__: object) -> str:
        raise FileNotFoundError

    monkeypatch.setattr(Path, "read_text", absent)
    monkeypatch.setattr(platform, "processor", lambda: "")
    assert machine(1)["processor"] == platform.machine()


def test_the_versions_that_were_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(versions(with_model=False)) == {"doxa", "numpy", "polars", "python"}
    found = versions(with_model=True)
    assert found["doxa"] == doxa.__version__
    assert found["llama_cpp_python"][0].isdigit()

    def absent(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(module, "version", absent)
    assert versions(with_model=True)["llama_cpp_python"] == "unknown"
