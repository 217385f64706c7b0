from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from doxa.backend import BACKENDS, Engine
from doxa.errors import ExperimentError

OTHER: dict[str, Any] = {
    "parallel": 2,
    "threads": 3,
    "gpu_layers": -1,
    "context_length": 512,
    "server": "http://localhost:1/v1",
    "api_key_env": "MY_KEY",
    "allow_bounds": True,
    "recording": "runs/x",
}


def needed(backend: str) -> dict[str, Any]:
    return {"recording": "runs/x"} if backend == "replay" else {}


def test_the_default_is_one_prompt_at_a_time_in_this_process() -> None:
    assert Engine() == Engine("llama_cpp", parallel=1)
    assert Engine().options()["threads"] is None


def test_every_parameter_is_tried() -> None:
    assert set(OTHER) == {field.name for field in fields(Engine)} - {"backend"}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", OTHER)
def test_a_parameter_is_handed_on_or_refused(backend: str, name: str) -> None:
    values = {**needed(backend), name: OTHER[name]}
    if name in BACKENDS[backend].takes:
        options = Engine(backend, **values).options()
        assert tuple(options) == BACKENDS[backend].takes
        assert options[name] == OTHER[name]
    else:
        with pytest.raises(ExperimentError, match=f"backend {backend} takes no {name}"):
            Engine(backend, **values)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_default_may_be_written_out(backend: str) -> None:
    written = Engine(backend, parallel=1, threads=None, server="", **needed(backend))
    assert written == Engine(backend, **needed(backend))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"backend": "abacus"}, "no backend 'abacus': there are llama_cpp, openai_server, replay"),
        ({"backend": "replay"}, "no recording: name the run"),
        ({"parallel": 0}, "parallel = 0: give a whole number from 1 to 85"),
        ({"parallel": 86}, "parallel = 86: give a whole number from 1 to 85"),
        ({"threads": 100_000}, "threads = 100000: give a whole number from 1 to 512"),
        ({"backend": "openai_server", "parallel": 1001}, "a whole number from 1 to 1000"),
        ({"threads": True}, "threads = True: give a whole number from 1"),
        ({"gpu_layers": -2}, "gpu_layers = -2: give a whole number from -1"),
        ({"context_length": 1.5}, "context_length = 1.5"),
        ({"backend": "openai_server", "server": 8080}, "server = 8080: give a text"),
        ({"backend": "openai_server", "server": ("http://x", " ")}, "an address for each server"),
        ({"backend": "openai_server", "server": ("http://x", "http://x")}, "name each server once"),
        ({"backend": "openai_server", "allow_bounds": 1}, "allow_bounds = 1: give true or false"),
        ({"backend": "replay", "recording": 1}, "recording = 1: give a text"),
    ],
)
def test_an_invalid_engine_is_an_error_of_one_line(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ExperimentError, match=message) as caught:
        Engine(**values)
    assert "\n" not in str(caught.value)


def test_several_servers_are_written_without_their_secrets() -> None:
    several = Engine("openai_server", server=("http://me:hunter2@a/v1", "http://b/v1?key=K"))
    assert several.public().server == ("http://***@a/v1", "http://b/v1?key=***")
    assert Engine("openai_server", server=("http://a/v1",)).server == "http://a/v1"
