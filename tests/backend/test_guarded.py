"""One request that makes a backend raise costs none of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tiny_models import turn

from doxa.backend import Answer, ModelCard, Request, Workload
from doxa.backend.guarded import guarded
from doxa.errors import ModelError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

ASKED = [Request(turn(item), "text", max_tokens=4) for item in range(6)]


class Fragile:
    """A backend with three requests under way that dies of one of them."""

    free = True
    card = ModelCard("fragile", "m", "0")

    def __init__(self, bad: Request, error: Exception) -> None:
        self.bad, self.error, self.asked = bad, error, 0

    def prepare(self, requests: Sequence[Request]) -> Workload:
        return Workload(len(requests))

    def ask(self, requests: Iterable[Request]) -> Iterator[tuple[Request, Answer]]:
        waiting = []
        for request in requests:
            self.asked += 1
            waiting.append(request)
            if len(waiting) == 3:
                yield waiting[0], Answer("good")
                del waiting[0]
            if self.bad in waiting:
                raise self.error
        for request in waiting:
            yield request, Answer("good")

    def close(self) -> None:
        pass


@pytest.mark.parametrize("error", [ValueError("bad\nsecond line"), RecursionError(), KeyError(7)])
@pytest.mark.parametrize("place", range(6))
def test_the_request_that_raises_is_an_error_and_all_others_are_answered(
    place: int, error: Exception
) -> None:
    backend = Fragile(ASKED[place], error)
    got = list(guarded(backend, ASKED))
    assert {request for request, _ in got} == set(ASKED)
    assert len(got) == 6
    assert [request for request, answer in got if answer.finish == "error"] == [ASKED[place]]
    [said] = [answer.text for _, answer in got if answer.finish == "error"]
    assert said.startswith(f"{type(error).__name__}: ")
    assert "\n" not in said
    assert backend.asked <= 6 + 3


def test_what_doxa_raises_on_purpose_ends_the_run() -> None:
    with pytest.raises(ModelError, match="is down"):
        list(guarded(Fragile(ASKED[2], ModelError("is down")), ASKED))


def test_an_error_of_the_requests_themselves_is_not_the_backend_s() -> None:
    def failing() -> Iterator[Request]:
        yield ASKED[0]
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        list(guarded(Fragile(ASKED[5], ValueError()), failing()))

    def locked() -> Iterator[Request]:
        yield ASKED[0]
        raise StoreError("locked")

    with pytest.raises(StoreError, match="locked"):
        list(guarded(Fragile(ASKED[5], ValueError()), locked()))
