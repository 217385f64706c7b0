"""Models that answer at once, always the same to the same request, for tests of many replies."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

from doxa.backend import Answer, ModelCard, Workload
from doxa.elicit import ElicitationSettings
from doxa.prompt import Condition
from doxa.run import Experiment
from doxa.run.asker import Alone

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence

    from doxa.backend import Request

EXPERIMENT = Experiment(
    ("alpha", "beta"),
    (Condition("en", n_examples=0), Condition("ja", "persona", "JPN", n_examples=0)),
    ("Q1", "Q57", "Q164", "Q42"),
    ("sampling", "logprobs"),
    ElicitationSettings(draws=2),
)
"""Two models, two conditions, four items, two elicitations: of each model, 24 replies."""


class Quick:
    """A backend that needs no model.

    Parameters
    ----------
    model : str
        The model's name; models of different names answer differently.
    salt : str
        Hardware whose answers differ, where requests are the same.
    """

    free = True

    def __init__(self, model: str, salt: str = "") -> None:
        self.card = ModelCard("llama_cpp", model, f"fingerprint of {model}")
        self._salt = salt

    def prepare(self, requests: Sequence[Request]) -> Workload:
        return Workload(len(requests))

    def ask(self, requests: Iterable[Request]) -> Iterator[tuple[Request, Answer]]:
        for request in requests:
            draw = random.Random(f"{self.card.model} {self._salt} {request}")
            shares = [draw.random() for _ in request.choices]
            scores = tuple(math.log(share / sum(shares)) for share in shares)
            text = draw.choice(("1", "2"))
            if request.kind == "options":
                yield request, Answer(text, log_probabilities=scores, seconds=0.001)
            else:
                yield request, Answer(text, seconds=0.001)

    def close(self) -> None:
        pass


def quick(experiment: Experiment, salt: str = "") -> Generator[Alone, None, None]:
    """Yield an asker for each model, as `doxa.run.ask` takes them."""
    for model in experiment.models:
        yield Alone(Quick(model, salt))
