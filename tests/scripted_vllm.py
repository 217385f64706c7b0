"""Answers as vLLM documents them, for the scripted server; no vLLM was at hand.

The forms are those of its end points /version, /v1/models, /tokenize, /detokenize and
/v1/completions (``prompt_logprobs``, and ``echo`` with ``logprobs``). Its model is a table of
probabilities: each token is a character, or one of the special ones, and depends on the one before.
"""

from __future__ import annotations

import json
import math
import random
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["VLLM", "tokens_of"]

BOS, START, END = 1, 2, 3
SPECIAL = {"<s>": BOS, "<|turn>": START, "<|end>": END}
_LOWEST = 32


class VLLM:
    """What a vLLM server knows.

    `chat` is whether its model has a chat template; `takes` names the ways in which it tells the
    probabilities of a prompt's tokens, of "prompt_logprobs" and "echo".
    """

    def __init__(
        self, *, chat: bool = True, takes: tuple[str, ...] = ("prompt_logprobs", "echo")
    ) -> None:
        self.chat, self.takes = chat, takes
        self.prompts: list[list[int]] = []
        self.bodies: list[dict[str, Any]] = []

    @property
    def knows(self) -> dict[str, Callable[[dict[str, Any]], Any]]:
        model = {"id": "m", "object": "model", "created": 0, "owned_by": "vllm", "root": "made/up"}
        return {
            "/version": lambda _: {"version": "0.12.0"},
            "/v1/models": lambda _: {
                "object": "list",
                "data": [{**model, "parent": None, "max_model_len": 4096, "permission": []}],
            },
            "/tokenize": self.tokenize,
            "/detokenize": lambda asked: {"prompt": spelled(asked["tokens"])},
            "/v1/completions": self.complete,
        }

    def tokenize(self, asked: dict[str, Any]) -> Any:
        if "messages" in asked:
            if not self.chat:
                message = "As of transformers v4.44, default chat template is no longer allowed"
                return 400, {}, {"error": {"message": message, "type": "BadRequestError"}}
            text = "<s>" + "".join(
                f"<|turn>{one['role']}\n{one['content']}<|end>\n" for one in asked["messages"]
            )
            tokens = tokens_of(text + "<|turn>assistant\n")
        else:
            tokens = [BOS] * asked.get("add_special_tokens", True) + tokens_of(asked["prompt"])
        counted = {"count": len(tokens), "max_model_len": 4096, "tokens": tokens}
        return counted | {"token_strs": None}

    def complete(self, asked: dict[str, Any]) -> Any:
        self.bodies.append(asked)
        prompts = asked["prompt"]
        if not isinstance(prompts, list) or (prompts and isinstance(prompts[0], int)):
            prompts = [prompts]
        as_tokens = [
            [BOS, *tokens_of(prompt)] if isinstance(prompt, str) else prompt for prompt in prompts
        ]
        self.prompts += as_tokens
        told = asked if set(self.takes) & set(asked) else {}
        return {
            "id": "cmpl-1",
            "object": "text_completion",
            "created": 0,
            "model": "m",
            "choices": [
                self.choice(index, tokens, told, asked) for index, tokens in enumerate(as_tokens)
            ],
            "usage": {
                "prompt_tokens": sum(map(len, as_tokens)),
                "total_tokens": sum(map(len, as_tokens)) + len(as_tokens),
                "completion_tokens": len(as_tokens),
            },
        }

    def choice(
        self, index: int, tokens: list[int], told: dict[str, Any], asked: dict[str, Any]
    ) -> dict[str, Any]:
        written = likeliest(tokens[-1])
        found: dict[str, Any] = {
            "index": index,
            "text": spelled([written]),
            "logprobs": None,
            "finish_reason": "length",
            "stop_reason": None,
            "prompt_logprobs": None,
        }
        if "response_format" in asked:
            labels = asked["response_format"]["json_schema"]["schema"]["required"]
            shares = [100 - 5 * (len(labels) - 1), *[5] * (len(labels) - 1)]
            text = json.dumps(dict(zip(labels, shares, strict=True)))
            return found | {"text": text, "finish_reason": "stop"}
        if "prompt_logprobs" in told:
            found["prompt_logprobs"] = [None] + [
                {
                    str(now): {
                        "logprob": log(before, now),
                        "rank": 1,
                        "decoded_token": spelled([now]),
                    }
                }
                for before, now in pairwise(tokens)
            ]
        elif told.get("echo"):
            everything = [*tokens, written]
            texts = [spelled([token]) for token in everything]
            logs = [log(a, b) for a, b in pairwise(everything)]
            found["text"] = "".join(texts)
            found["logprobs"] = {
                "text_offset": [len("".join(texts[:place])) for place in range(len(texts))],
                "token_logprobs": [None, *logs],
                "tokens": texts,
                "top_logprobs": [
                    None,
                    *({text: value} for text, value in zip(texts[1:], logs, strict=True)),
                ],
            }
        elif asked.get("logprobs") is not None:
            # as servers do that do not know echo: the written token alone
            value = log(tokens[-1], written)
            text = spelled([written])
            found["logprobs"] = {
                "text_offset": [0],
                "token_logprobs": [value],
                "tokens": [text],
                "top_logprobs": [{text: value}],
            }
        return found


def tokens_of(text: str) -> list[int]:
    found = []
    while text:
        special = next((name for name in SPECIAL if text.startswith(name)), "")
        found.append(SPECIAL[special] if special else _LOWEST + ord(text[0]))
        text = text[len(special) or 1 :]
    return found


def spelled(tokens: list[int]) -> str:
    names = {number: name for name, number in SPECIAL.items()}
    return "".join(names.get(token) or chr(token - _LOWEST) for token in tokens)


@cache
def weights(before: int) -> list[float]:
    draw = random.Random(before)
    return [draw.random() for _ in range(200)]


def log(before: int, token: int) -> float:
    """Return the log-probability of a token after another: of 200, the others share the rest."""
    weight = weights(before)[token] if token < 200 else 1e-6
    return math.log(weight / (sum(weights(before)) + 1))


def likeliest(before: int) -> int:
    return max(range(_LOWEST + 32, _LOWEST + 127), key=lambda token: log(before, token))
