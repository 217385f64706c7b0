from __future__ import annotations

import logging
from typing import Any

import pytest
from scripted_server import completion, failing, scripted
from scripted_vllm import VLLM, tokens_of
from tiny_models import turn

from doxa.backend import ModelCard, load
from doxa.errors import ModelError

GOOD = (200, {}, completion("1"))


def found(*replies: Any, **knows: Any) -> ModelCard:
    with scripted(*(replies or [GOOD]), knows=knows) as address:
        backend = load("m", backend="openai_server", server=address, pause=0.01, tries=2)
        backend.close()
        return backend.card


def llama_server(**more: Any) -> Any:
    props = {"default_generation_settings": {}, "chat_template": "x{{ messages[-1].content }}"}
    props |= {"bos_token": "<s>", "eos_token": "</s>", "build_info": "b9-abc"}
    return lambda _: props | more


def test_llama_server_says_what_it_is_and_which_file_it_serves() -> None:
    meta = {"n_params": 7, "size": 9, "n_vocab": 11, "ftype": "F16", "n_ctx": 5}
    listed = {"data": [{"id": "a", "owned_by": "llamacpp", "meta": meta}]}
    card = found(
        **{"/props": llama_server(model_path="C:\\models\\x.gguf"), "/v1/models": lambda _: listed}
    )
    assert card.template is not None
    assert (card.template.source, card.template.bos) == ("x{{ messages[-1].content }}", "<s>")
    assert card.versions["llama-server"] == "b9-abc"
    for part in ('"file": "x.gguf"', '"ftype": "F16"', '"size": 9', "(forced)"):
        assert part in card.fingerprint
    assert "n_ctx" not in card.fingerprint
    assert "127.0.0.1" not in card.fingerprint


def test_vllm_says_what_it_is(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "doxa"):
        card = found(**VLLM().knows)
    [line] = caplog.messages
    assert "/v1/ is vLLM 0.12.0: exact option probabilities (prompt_logprobs), shares" in line
    assert card.versions["vLLM"] == "0.12.0"
    assert line.endswith(card.origin["server"])
    assert "made/up" in card.fingerprint
    assert "127.0.0.1" not in card.fingerprint


def test_a_chat_end_point_is_told_from_others_by_its_address() -> None:
    card = found()
    assert card.template is None
    assert card.fingerprint.startswith("http://127.0.0.1:")
    assert card.fingerprint.endswith("/v1/ m")


@pytest.mark.parametrize(
    "page",
    [
        (200, {}, {}),
        (200, {}, {"tokens": "none", "version": 5, "data": {}, "chat_template": "x"}),
        failing(400),
        failing(403),
        failing(405),
        failing(500),
        failing(501),
        failing(502),
    ],
)
def test_whatever_is_said_elsewhere_a_chat_is_asked(page: Any) -> None:
    paths = ("/props", "/version", "/v1/models", "/tokenize", "/detokenize", "/v1/completions")
    card = found(**{path: lambda _: page for path in paths})
    assert card.template is None


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (failing(401), "refuses the API key"),
        (failing(503, "Loading model"), "Loading model, 2 times"),
    ],
)
def test_a_server_that_is_not_ready_is_not_taken_for_another(reply: Any, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        found(**{"/props": lambda _: reply})


def test_a_template_without_a_place_for_a_system_turn() -> None:
    vllm = VLLM()

    def tokenize(asked: dict[str, Any]) -> Any:
        if any(one["role"] == "system" for one in asked.get("messages", [])):
            return failing(400, "System role not supported")
        return vllm.tokenize(asked)

    card = found(**vllm.knows | {"/tokenize": tokenize})
    assert card.template is not None
    begin, _, end = card.template.render("Be brief.", "Who?", "Say.", "I")
    assert begin == "<s><|turn>user\nBe brief.\n\n"
    assert end == "\n\nSay.<|end>\n<|turn>assistant\nI"


@pytest.mark.parametrize("switch", [True, False])
def test_a_server_that_fills_its_template_is_told_to_think_and_not_to(switch: bool) -> None:
    vllm = VLLM()

    def tokenize(asked: dict[str, Any]) -> Any:
        told = vllm.tokenize(asked)
        if "messages" not in asked:
            return told
        thinks = not switch or asked["chat_template_kwargs"]["enable_thinking"]
        opened = "<think>\n" if thinks else "<think>\n\n</think>\n\n"
        return told | {"tokens": told["tokens"] + tokens_of(opened)}

    card = found(**vllm.knows | {"/tokenize": tokenize})
    assert card.template is not None
    thinking = card.template.thinking
    assert thinking is not None
    assert (thinking.form, thinking.switch) == ("<think>", "enable_thinking" if switch else "")
    assert card.text(turn())[2].endswith("assistant\n<think>\n\n</think>\n\nAnswer: ")
    *_, opened, after = card.text(turn(), thinks=True)
    assert opened.endswith("assistant\n<think>\n")
    assert after == "\n</think>\n\nAnswer: "
