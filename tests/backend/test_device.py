from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import llama_cpp
import pytest
from tiny_models import random_model

from doxa.backend.device import about, described, device_of, devices
from doxa.backend.llama_cpp import LlamaCpp

if TYPE_CHECKING:
    from collections.abc import Callable

INFO = "CPU : AVX = 1 | AVX2 = 1 | AVX512 = 0 | "


def ggml(*devices: tuple[str, str]) -> Any:
    """Make a library that knows devices by name and description."""

    def function(value: Callable[..., object]) -> Any:
        return type("", (), {"__call__": lambda _, *given: value(*given)})()

    return SimpleNamespace(
        ggml_backend_dev_count=function(lambda: len(devices)),
        ggml_backend_dev_get=function(lambda number: number),
        ggml_backend_dev_name=function(lambda number: devices[number][0].encode()),
        ggml_backend_dev_description=function(lambda number: devices[number][1].encode()),
    )


@pytest.mark.parametrize(
    ("gpu_layers", "expected"), [(0, "AMD EPYC: AVX2"), (-1, "NVIDIA H200, NVIDIA H200")]
)
def test_layers_on_a_gpu_are_evaluated_there(gpu_layers: int, expected: str) -> None:
    library = ggml(
        ("CUDA0", "NVIDIA H200"), ("CUDA1", "NVIDIA  H200"), ("BLAS", "x"), ("CPU", "AMD EPYC")
    )
    assert described(devices(library), INFO, gpu_layers) == expected


def test_without_a_gpu_it_is_the_processor() -> None:
    assert described(devices(ggml(("CPU", "AMD EPYC"))), INFO, -1) == "AMD EPYC: AVX2"
    assert described(devices(ggml()), INFO, 0) == "CPU: AVX2"


def test_the_card_of_a_model_says_what_evaluates_it() -> None:
    with LlamaCpp(random_model()) as backend:
        assert backend.card.versions["device"] == device_of(0)
        assert len(backend.card.versions["device"].split(":")[0]) > 2


def test_llama_cpp_is_described_as_it_is_built_here() -> None:
    found = about()
    assert found["version"] == llama_cpp.__version__
    assert found["gpu"] == llama_cpp.llama_supports_gpu_offload()
    assert not set(found["used"]) & set(found["lacking"])
    assert bool(found["gpus"]) <= found["gpu"]
