"""One odd reply is an error reply; a server that answers nothing ends the run."""

from __future__ import annotations

import pytest
from tiny_models import turn

from doxa.backend import Request
from doxa.backend.server.fault import FaultError
from doxa.backend.server.streak import Streak
from doxa.errors import ModelError

ASKED = [Request(turn(item), "text", max_tokens=4) for item in range(40)]
OPTIONS = Request(turn(), "options", ("1", "2"))
ODD, BUSY, REFUSED = (FaultError(f"is {reach}", reach) for reach in ("reply", "passing", "server"))


def test_an_odd_reply_is_kept_at_once() -> None:
    streak = Streak("the server", set())
    [(request, answer)] = streak.bad(ASKED[0], ODD)
    assert (request, answer.finish, answer.text) == (ASKED[0], "error", "the server is reply")
    assert streak.good(ASKED[1]) == []
    assert streak.end() == []


def test_what_may_pass_is_kept_once_the_server_works_or_at_the_end() -> None:
    streak = Streak("the server", set())
    assert streak.bad(ASKED[0], BUSY) == streak.bad(ASKED[1], BUSY) == []
    assert [request for request, _ in streak.good(ASKED[2])] == ASKED[:2]
    assert streak.bad(ASKED[3], BUSY) == []
    assert [request for request, _ in streak.end()] == [ASKED[3]]


def test_too_many_faults_in_a_row_end_the_run_and_what_may_pass_is_asked_again() -> None:
    streak = Streak("the server", {"text"})
    kept = []
    with pytest.raises(ModelError, match="the server failed at 16 requests in a row, the last: "):  # noqa: PT012
        for number, request in enumerate(ASKED):
            kept += streak.bad(request, BUSY if number % 2 else ODD)
    assert [request for request, _ in kept] == ASKED[:15:2]


def test_a_refusal_is_the_server_s_until_it_has_answered() -> None:
    streak = Streak("the server", set())
    assert streak.bad(ASKED[0], REFUSED) == streak.bad(ASKED[1], REFUSED) == []
    with pytest.raises(ModelError, match="the server is server"):
        streak.bad(ASKED[2], REFUSED)
    streak = Streak("the server", set())
    streak.bad(ASKED[0], REFUSED)
    with pytest.raises(ModelError, match="the server is server"):
        streak.end()


def test_an_answer_shows_that_a_refusal_was_the_request_s_own() -> None:
    answered: set[str] = set()
    streak = Streak("the server", answered)  # type: ignore[arg-type]
    streak.bad(ASKED[0], REFUSED)
    assert [request for request, _ in streak.good(ASKED[1])] == ASKED[:1]
    assert answered == {"text"}
    assert [request for request, _ in streak.bad(ASKED[2], REFUSED)] == [ASKED[2]]
    # of option probabilities nothing is known yet
    assert streak.bad(OPTIONS, REFUSED) == []


def test_what_concerns_every_request_ends_the_run_at_once() -> None:
    with pytest.raises(ModelError, match="the server cannot be reached"):
        Streak("the server", {"text"}).bad(ASKED[0], FaultError("cannot be reached", "all"))


def test_what_is_held_back_can_be_sent_to_another_server() -> None:
    streak = Streak("the server", set(), most=2)
    request = Request(turn(), "text", max_tokens=3)
    assert streak.bad(request, FaultError("was busy", "passing")) == []
    with pytest.raises(ModelError, match="failed at 2 requests in a row"):
        streak.bad(request, FaultError("was busy", "passing"))
    assert streak.take() == [request]
    assert streak.end() == []
    streak.restart()
    assert streak.bad(request, FaultError("was busy", "passing")) == []
