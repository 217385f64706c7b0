from __future__ import annotations

import math
from typing import Any

import pytest
from scripted_server import Script, completion, scripted
from scripted_vllm import BOS, VLLM, log, spelled, tokens_of
from tiny_models import turn

from doxa.backend import Answer, Request, load

LABELS = ("1", "2", "10")
SEEN = (200, {}, completion("1", {"1": 0.6, "2": 0.3, "10": 0.1}))


def answered(vllm: VLLM, *asked: Request, **knows: Any) -> tuple[list[Answer], Any]:
    with scripted(SEEN, knows=vllm.knows | knows) as address:
        backend = load("m", backend="openai_server", server=address)
        got = dict(backend.ask(asked))
        backend.close()
        return [got[one] for one in asked], backend.card


def exact(before: str) -> list[float]:
    """Return the probabilities that a text goes on with its last character and "1", "2" or "10"."""
    last, space = (tokens_of(one)[0] for one in before)
    spaced = log(last, space)
    one, two = (math.exp(spaced + log(space, tokens_of(label)[0])) for label in "12")
    ten = one * math.exp(log(tokens_of("1")[0], tokens_of("0")[0]))
    return [one - ten, two, ten]


@pytest.mark.parametrize("takes", [("prompt_logprobs", "echo"), ("echo",)])
@pytest.mark.parametrize("chat", [True, False])
def test_whole_labels_are_scored_after_the_prompt_that_the_template_makes(
    takes: tuple[str, ...], chat: bool
) -> None:
    vllm = VLLM(chat=chat, takes=takes)
    knows = {} if chat else {"/v1/chat/completions": lambda _: (400, {}, {"error": "no template"})}
    [answer], card = answered(vllm, Request(turn(), "options", LABELS), **knows)
    assert [math.exp(one) for one in answer.log_probabilities] == pytest.approx(exact(": "))
    assert answer.ceilings == ()
    whole = "".join(card.text(turn()))
    spoken = f"<|turn>user\n{turn().user}\n\n{turn().ask}<|end>\n<|turn>assistant\n"
    system = f"<s><|turn>system\n{turn().system}<|end>\n"
    assert whole == (system + spoken + "Answer: " if chat else "".join(card.text(turn())))
    # the token that begins a text comes once, whether the template writes it or the server
    asked = [tokens for tokens in vllm.prompts if len(tokens) > 40]
    assert all(tokens.count(BOS) == 1 and tokens[0] == BOS for tokens in asked)
    assert spelled(asked[0]).removeprefix("<s>") == f"{whole}1".removeprefix("<s>")
    assert answer.prompt_tokens == len(asked[0]) - 1


def test_a_base_model_without_a_tokenizer_end_point_is_scored_by_echo() -> None:
    vllm = VLLM(chat=False)
    knows: dict[str, Any] = {
        "/tokenize": lambda _: (404, {}, {}),
        "/v1/chat/completions": lambda _: (400, {}, {"error": "no template"}),
    }
    [answer], card = answered(vllm, Request(turn(), "options", LABELS), **knows)
    assert [math.exp(one) for one in answer.log_probabilities] == pytest.approx(exact(": "))
    assert card.template is not None
    assert card.template.source == ""


@pytest.mark.parametrize(
    "odd",
    [
        {"takes": ()},  # takes both words and gives nothing of a prompt's tokens
        {"complete": lambda _: (500, {}, {"error": "KeyError: 2326"})},
        {"complete": lambda _: {"choices": [{"index": 0, "text": "", "prompt_logprobs": [None]}]}},
        {"complete": lambda _: {"choices": [{"index": 0, "text": "x", "logprobs": None}]}},
    ],
)
def test_where_a_prompts_tokens_have_no_probabilities_the_chat_is_asked(
    odd: dict[str, Any],
) -> None:
    vllm = VLLM(takes=odd.get("takes", ("echo",)))
    knows = {"/v1/completions": odd["complete"]} if "complete" in odd else {}
    [answer], card = answered(vllm, Request(turn(), "options", LABELS), **knows)
    assert [math.exp(one) for one in answer.log_probabilities] == pytest.approx([0.6, 0.3, 0.1])
    assert card.template is None
    assert Script.seen[-1]["top_logprobs"] == 20


def test_shares_are_held_to_a_schema_and_nothing_is_begun_for_them() -> None:
    vllm = VLLM()
    [answer], _ = answered(vllm, Request(turn(reply_start="{"), "shares", LABELS))
    assert answer.text == '{"1": 90, "2": 5, "10": 5}'
    assert spelled(vllm.prompts[-1]).endswith("<|turn>assistant\n")
    assert vllm.bodies[-1]["response_format"]["type"] == "json_schema"


def test_a_text_is_written_from_the_models_own_distribution() -> None:
    vllm = VLLM()
    asked = Request(turn(), "text", max_tokens=5, temperature=0.7, seed=2**40 + 3, stop="\n")
    [answer], _ = answered(vllm, asked)
    body = vllm.bodies[-1]
    assert (body["temperature"], body["seed"], body["max_tokens"]) == (0.7, 3, 5)
    assert (body["top_k"], body["top_p"], body["min_p"]) == (-1, 1.0, 0.0)
    assert (answer.finish, len(answer.text)) == ("length", 1)
