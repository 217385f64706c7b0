"""A backend that replays recorded answers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from doxa.backend.request import Workload, request_key
from doxa.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from doxa.backend.request import Answer, ModelCard, Request

__all__ = ["Replay"]

_EARLIER: Final = "an earlier version measured what is off the options after the space"


class Replay:
    """A backend that returns only recorded answers of a model.

    Parameters
    ----------
    card : ModelCard
        The card of the model that gave the answers.
    answers : Mapping of str to Answer
        The answers by their request's key.
    """

    free = True

    def __init__(self, card: ModelCard, answers: Mapping[str, Answer]) -> None:
        self.card = card
        self._answers = answers

    def prepare(self, requests: Sequence[Request]) -> Workload:
        """Check that every request was recorded, and count the recorded tokens.

        Raises
        ------
        ModelError
            A request was not recorded.
        """
        answers = [self._find(request) for request in requests]
        return Workload(
            requests=len(answers),
            prompt_tokens=sum(answer.prompt_tokens or 0 for answer in answers),
            evaluated_tokens=0,
            completion_tokens=sum(answer.completion_tokens or 0 for answer in answers),
            longest_prompt=max((answer.prompt_tokens or 0 for answer in answers), default=0),
        )

    def ask(self, requests: Iterable[Request]) -> Iterator[tuple[Request, Answer]]:
        """Yield each request with its recorded answer.

        Raises
        ------
        ModelError
            A request was not recorded.
        """
        for request in requests:
            yield request, self._find(request)

    def close(self) -> None:
        """Do nothing: there is nothing to free."""

    def _find(self, request: Request) -> Answer:
        key = request_key(self.card, request)
        if key in self._answers:
            return self._answers[key]
        found = self._answers.get(request_key(self.card, request, earlier=True))
        if found is None:
            raise ModelError(
                f"request {key[:12]} to {self.card.model} was not recorded: "
                "ask with the settings of the recorded run"
            )
        note = "; ".join(filter(None, (found.note, _EARLIER)))
        return replace(found, note=note)
