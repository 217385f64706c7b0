from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest
from tiny_models import random_model

from doxa.bench import benchmark
from doxa.errors import ModelError

if TYPE_CHECKING:
    from doxa.bench import Sizes


def test_without_a_model_the_core_is_timed(small: Sizes) -> None:
    found = benchmark(sizes=small, rounds=1, threads=1)
    assert found.model is None
    assert len(found.timings) == 5
    assert found.machine["threads"] == 1
    assert "llama_cpp_python" not in found.versions


def test_the_model_comes_first(small: Sizes) -> None:
    said: list[str] = []
    found = benchmark(random_model(), sizes=small, rounds=1, n_items=3, tell=said.append)
    assert said[0].startswith("loaded ")
    assert said[-1] == f"timing {found.timings[-1].work}"
    assert found.model is not None
    assert found.model.asked == 3
    assert "llama_cpp_python" in found.versions


def test_an_error_in_the_model_is_told_before_anything_is_timed(small: Sizes) -> None:
    said: list[str] = []
    with pytest.raises(ModelError, match=r"absent\.gguf cannot be read"):
        benchmark("absent.gguf", sizes=small, tell=said.append)
    assert said == []


def test_plain_types_hold_everything(small: Sizes) -> None:
    found = benchmark(sizes=small, rounds=1)
    plain = json.loads(json.dumps(found.as_dict()))
    assert set(plain) == {"machine", "versions", "timings", "model"}
    for row, timing in zip(plain["timings"], found.timings, strict=True):
        assert row == asdict(timing) | {"per_second": timing.per_second}
