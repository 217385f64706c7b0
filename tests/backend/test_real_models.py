"""The demonstration's two models in doxa's engine and in llama-cpp-python's own class.

The computations are those of benches/agreement.py, which compares all items.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from doxa.demo import demo_model
from doxa.errors import ModelError

BENCH = Path(__file__).resolve().parents[2] / "benches" / "agreement.py"


@pytest.fixture(scope="module")
def agreement() -> Any:
    spec = importlib.util.spec_from_file_location("agreement", BENCH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def model(*, small: bool) -> Path:
    try:
        return demo_model(small=small)
    except ModelError as error:
        if "not installed" not in str(error):
            raise
        pytest.skip(str(error))


@pytest.mark.parametrize(
    ("small", "language", "examples", "items"),
    [
        (True, "en", 0, 2),
        (True, "ja", 0, 1),
        (False, "es", 0, 2),
        # longer than the model's window
        (False, "ja", 5, 1),
    ],
)
def test_the_options_of_a_run_are_those_of_an_independent_computation(
    small: bool,
    language: str,
    examples: int,
    items: int,
    agreement: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In the same pieces, to the last digit; else as closely as its numbers are rounded."""
    file = model(small=small)
    # two threads would wait for each other while other tests run
    monkeypatch.setattr(agreement, "cores", lambda: 1)
    what = agreement.Asked(language, items, examples)

    def computed(name: str) -> Any:
        return np.concatenate(agreement.COMPUTATIONS[name](file, what))

    found = computed("run")
    assert np.abs(found - computed("pieces")).max() < 1e-9
    if not examples:
        assert np.abs(found - computed("independent")).max() < 0.1
