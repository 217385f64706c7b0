from __future__ import annotations

import inspect
from dataclasses import fields
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from tiny_models import bigram

from doxa.backend import BACKENDS, Answer, BackendRow, Engine, ModelCard, Request, Workload
from doxa.backend import load as load_backend
from doxa.backend.llama_cpp import LlamaCpp
from doxa.errors import InvalidArgumentError, ModelError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

LOADED = {name: row for name, row in BACKENDS.items() if row.where}


class Abacus:
    """A backend that a user adds: it answers nothing but "1"."""

    free = True

    def __init__(self, model: str, *, parallel: int) -> None:
        self.card = ModelCard("abacus", model, f"{parallel} beads")

    def prepare(self, requests: Sequence[Request]) -> Workload:
        return Workload(len(requests))

    def ask(self, requests: Iterable[Request]) -> Iterator[tuple[Request, Answer]]:
        for request in requests:
            yield request, Answer("1")

    def close(self) -> None:
        pass


def class_of(row: BackendRow) -> Any:
    module, name = row.where.split(":")
    return getattr(import_module(module), name)


@pytest.mark.parametrize("name", BACKENDS)
def test_a_row_takes_parameters_of_an_engine(name: str) -> None:
    assert set(BACKENDS[name].takes) <= {field.name for field in fields(Engine)}


@pytest.mark.parametrize("name", BACKENDS)
def test_a_limit_is_that_of_a_parameter(name: str) -> None:
    assert set(BACKENDS[name].most) <= set(BACKENDS[name].takes)


@pytest.mark.parametrize("name", LOADED)
def test_a_class_takes_what_its_row_says_and_is_a_backend(name: str) -> None:
    loaded = class_of(LOADED[name])
    assert set(LOADED[name].takes) <= set(inspect.signature(loaded).parameters)
    assert {"free", "prepare", "ask", "close"} <= set(dir(loaded))


def test_a_backend_is_loaded_by_its_name() -> None:
    with load_backend(bigram(), backend="llama_cpp", parallel=2) as backend:  # type: ignore[attr-defined]
        assert isinstance(backend, LlamaCpp)
        assert backend.card.layout["parallel"] == 2


@pytest.mark.parametrize("name", ["abacus", "replay"])
def test_a_backend_that_cannot_be_loaded_is_refused(name: str) -> None:
    with pytest.raises(
        InvalidArgumentError, match=f"no backend '{name}': there are llama_cpp, openai_server"
    ):
        load_backend("m", backend=name)


def test_errors_of_a_model_come_from_its_backend() -> None:
    with pytest.raises(ModelError, match="absent cannot be read"):
        load_backend("absent")


def test_a_row_adds_a_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    row = BackendRow(f"{__name__}:Abacus", ("parallel",))
    monkeypatch.setitem(BACKENDS, "abacus", row)  # type: ignore[arg-type]
    engine = Engine("abacus", parallel=3)
    backend = load_backend("m", backend=engine.backend, **engine.options())
    assert backend.card.fingerprint == "3 beads"
