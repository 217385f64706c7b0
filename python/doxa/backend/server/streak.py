"""Faults in a row: an `error` reply each, or the end of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from doxa.backend.request import Answer
from doxa.errors import ModelError

if TYPE_CHECKING:
    from doxa.backend.request import Request, RequestKind
    from doxa.backend.server.fault import FaultError

__all__ = ["MOST", "Streak"]

MOST: Final = 16
"""Faults in a row that end a run."""
_MOST_AT_FIRST: Final = 3
"""The same, for faults that look like the server's before it has answered at all."""


class Streak:
    """The faults since the last answer, and what follows from them.

    One odd reply is an `error` reply, and the run goes on. A server that answers nothing ends the
    run. The faults that may pass, and those that may concern every request, are held back until an
    answer shows that the server works; if the run ends before that, they are not kept, and the next
    run asks again. All others are kept at once, so a run always gets past them.

    Parameters
    ----------
    where : str
        The server, for messages.
    answered : set of {"options", "shares", "text"}
        The kinds of requests that the server has answered so far; new ones are added.
    most : int
        How many faults in a row end it; fewer where another server can be asked.
    """

    def __init__(self, where: str, answered: set[RequestKind], most: int = MOST) -> None:
        self._where = where
        self._most = most
        self._answered = answered
        self._in_a_row = 0
        self._held: list[tuple[Request, FaultError]] = []

    def good(self, request: Request) -> list[tuple[Request, Answer]]:
        """Note an answer; return the faults that were held back, as answers of status error."""
        self._answered.add(request.kind)
        self._in_a_row = 0
        return self._released()

    def bad(self, request: Request, fault: FaultError) -> list[tuple[Request, Answer]]:
        """Note a fault; return it as an answer, unless it is held back.

        Raises
        ------
        ModelError
            The fault concerns every request, or too many came in a row.
        """
        self._in_a_row += 1
        at_first = fault.reach == "server" and request.kind not in self._answered
        if fault.reach == "all":
            raise ModelError(f"{self._where} {fault.reason}")
        if at_first and self._in_a_row >= _MOST_AT_FIRST:
            raise ModelError(f"{self._where} {fault.reason}")
        if self._in_a_row >= self._most:
            raise ModelError(
                f"{self._where} failed at {self._in_a_row} requests in a row, the last: it "
                f"{fault.reason}; run again once it works"
            )
        if at_first or fault.reach == "passing":
            self._held.append((request, fault))
            return []
        return [(request, _error(fault))]

    def take(self) -> list[Request]:
        """Return the requests whose faults are held back, to be sent to another server."""
        held, self._held = self._held, []
        return [request for request, _ in held]

    def restart(self) -> None:
        """Count the faults from here on."""
        self._in_a_row = 0

    def end(self) -> list[tuple[Request, Answer]]:
        """Return what is held back when all requests were sent.

        Raises
        ------
        ModelError
            Nothing was answered, and the faults look like the server's.
        """
        for request, fault in self._held:
            if fault.reach == "server" and request.kind not in self._answered:
                raise ModelError(f"{self._where} {fault.reason}")
        return self._released()

    def _released(self) -> list[tuple[Request, Answer]]:
        held, self._held = self._held, []
        return [(request, _error(fault)) for request, fault in held]


def _error(fault: FaultError) -> Answer:
    return Answer(f"the server {fault.reason}", "error")
