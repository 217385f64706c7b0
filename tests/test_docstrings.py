"""Every example in a docstring gives the result that it shows."""

from __future__ import annotations

import doctest
import inspect
import pkgutil
from functools import cache
from importlib import import_module

import pytest
from made_up import made_up_evaluation, made_up_groups, made_up_replies

import doxa
from doxa.recorded import Recording

ROOMS_WITH_GIVEN = ("doxa.analysis", "doxa.evaluate", "doxa.measures", "doxa.report")
"""Rooms whose examples may use a run that has been read, by the names in `given`."""

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(doxa.__path__, "doxa.")
    if not module.name.endswith(("__main__", "._core"))
)


@cache
def given() -> dict[str, object]:
    """Return what some examples take as given: a run's replies, and what was made of them."""
    evaluation = made_up_evaluation()
    model, human, bank = evaluation.sides
    personas, by_sex = made_up_groups()
    recording = Recording(made_up_replies(), examples=frozenset({"Q1"}))
    return {
        "model": model, "human": human, "bank": bank, "replies": evaluation.replies,
        "recording": recording, "evaluation": evaluation,
        "personas": personas, "by_sex": by_sex,
    }  # fmt: skip


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of(name: str, tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(str(tmp_path))
    names = given() if name.startswith(ROOMS_WITH_GIVEN) else None
    assert doctest.testmod(import_module(name), extraglobs=names).failed == 0


def test_named_tuples_have_attributes_and_no_parameters() -> None:
    """Of a class whose `__init__` is made for it, the docs site finds no parameters."""
    found = [
        one.__name__
        for name in MODULES
        for one in vars(import_module(name)).values()
        if isinstance(one, type)
        and issubclass(one, tuple)
        and "\n    Parameters\n" in str(one.__doc__)
    ]
    assert not found


@pytest.mark.parametrize("room", ["doxa", "doxa.analysis", "doxa.score", "doxa.report"])
def test_every_function_that_a_room_exports_has_an_example(room: str) -> None:
    functions = [getattr(import_module(room), name) for name in import_module(room).__all__]
    bare = [
        one.__name__
        for one in functions
        if inspect.isfunction(one) and ">>>" not in str(one.__doc__)
    ]
    assert not bare
