"""A server on loopback whose answers follow from what it is asked, so that programs compare."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from scripted_server import completion, scripted
from scripted_vllm import SPECIAL, VLLM

from doxa.backend import Engine
from doxa.run import ask
from doxa.store import Store

from .made import BANK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import polars as pl

    from doxa.run.experiment import Experiment

_TEMPLATE = (
    "{% for one in messages %}<|turn>{{ one.role }}\n{{ one.content }}<|end>\n{% endfor %}"
    "{% if add_generation_prompt %}<|turn>assistant\n{% endif %}"
)


class Chat:
    """A model whose probabilities are digits of a hash of the prompt."""

    def __init__(self) -> None:
        self.drawn: Counter[str] = Counter()

    def __call__(self, body: dict[str, Any]) -> tuple[int, dict[str, str], dict[str, Any]]:
        prompt = json.dumps([[turn["role"], turn["content"]] for turn in body["messages"]])
        user = next(turn["content"] for turn in body["messages"] if turn["role"] == "user")
        labels = re.findall(r"^([A-Z])[:：]", user, re.MULTILINE)
        digits = hashlib.sha256(prompt.encode()).digest()
        shares = [1 + digit % 50 for digit in digits[: len(labels)]]
        told = {
            label: share / (sum(shares) + 9) for label, share in zip(labels, shares, strict=True)
        }
        if body.get("logprobs"):
            return 200, {}, completion(labels[0], {**told, "I": 1 / (sum(shares) + 9)})
        if "{" in user:
            parts = [100 - 7 * (len(labels) - 1), *[7] * (len(labels) - 1)]
            text = json.dumps(dict(zip(labels, parts, strict=True)))
            text = f"I guess {text}." if digits[11] % 4 else "No."
        else:
            # three draws of a prompt differ, whoever draws them
            turned = labels[self.drawn[prompt] % 3 % len(labels)]
            self.drawn[prompt] += 1
            text = f"{turned}." if body["max_tokens"] == 16 else f"{labels[1]}, A, A\nSo it is."
        stops = body.get("stop") or []
        for stop in [stops] if isinstance(stops, str) else stops:
            text = text.partition(stop)[0]
        return 200, {}, completion(text)


@contextmanager
def answering(*, chat: bool) -> Iterator[str]:
    """Serve a chat end point, or a completion end point that tells the prompt's probabilities."""
    if chat:
        models = {"object": "list", "data": [{"id": "m", "object": "model"}]}
        with scripted(choose=Chat(), knows={"/v1/models": lambda _: models}) as address:
            yield address
    else:
        vllm = VLLM(takes=("echo",))
        names = {number: name for name, number in SPECIAL.items()}
        info = {"eos_token": names[3], "bos_token": names[1], "chat_template": _TEMPLATE}
        with scripted(knows=vllm.knows | {"/tokenizer_info": lambda _: info}) as address:
            yield address


def asked_by_doxa(experiment: Experiment, address: str, folder: Path) -> pl.DataFrame:
    """Ask a server with doxa itself."""
    engine = Engine("openai_server", server=address)
    ask(replace(experiment, models=("m",), engine=engine), folder / "replies.sqlite", bank=BANK)
    with Store.read(folder / "replies.sqlite") as store:
        return store.replies()


WAY = ["question", "language", "option_order", "elicitation"]
READ = ["status", "codes", "probabilities", "off_option_mass", "n_draws"]


def read_as(replies: pl.DataFrame, elicitation: str) -> list[tuple[Any, ...]]:
    """Return what was read of an elicitation, whatever asked; draws in order of what they say."""
    kept = replies.filter(elicitation=elicitation).select(*WAY, *READ)
    return sorted(kept.rows(), key=repr)
