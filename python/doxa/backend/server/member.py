"""One server of a pool: how it is reached and asked, its pace, and its rests after failures."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from doxa.backend.server.asking import answer
from doxa.backend.server.connection import Connection
from doxa.backend.server.fault import FaultError
from doxa.backend.server.probe import probe
from doxa.backend.server.streak import MOST, Streak
from doxa.errors import ModelError

if TYPE_CHECKING:
    from concurrent.futures import Future

    from doxa.backend.request import Answer, Request
    from doxa.backend.server.address import Address
    from doxa.backend.server.asking import Endpoint

__all__ = ["Member"]

_FIRST_REST: Final = 5.0
"""Seconds before a server that failed is tried again; doubled each further time."""
_LONGEST_REST: Final = 300.0
_TRIES: Final = 2
_FAULTS: Final = 3
"""Tries of a request, and faults in a row, after which another server is asked instead."""


class Member:
    """A server, what it is, and how much it is given to do.

    The number of requests under way at once is its pace: it is halved when the server is busy, and
    grows again with every answer, up to `most`.

    Parameters
    ----------
    address : Address
        Where it is.
    model : str
        The model's name there.
    most : int
        The most requests under way at once.
    bounds : bool
        Whether more than 1 % of the options' probability may be unseen.
    alone : bool
        Whether no other server can be asked in its place.
    timeout, tries, pause
        As for `doxa.backend.server.connection.Connection`.

    Attributes
    ----------
    where : str
        Its address, for messages.
    endpoint : Endpoint or None
        How it is asked; None before it has been reached.
    up : bool
        Whether it is asked at present.
    running : int
        The requests under way.
    """

    def __init__(
        self,
        address: Address,
        model: str,
        *,
        most: int,
        bounds: bool,
        alone: bool,
        timeout: float,
        tries: int,
        pause: float,
    ) -> None:
        self._address = address
        self._model = model
        self._bounds = bounds
        self._most = most
        self._limit = float(most)
        self._rest, self._until = _FIRST_REST, 0.0
        self._connection = Connection(
            address,
            parallel=most,
            timeout=timeout,
            tries=tries if alone else min(tries, _TRIES),
            pause=pause,
        )
        self.where = f"the server at {address.public}"
        self.endpoint: Endpoint | None = None
        self.up = False
        self.running = 0
        self.streak = Streak(self.where, set(), MOST if alone else _FAULTS)

    @property
    def free(self) -> float:
        """The share of its pace that is free; 0 if it may get no further request now."""
        limit = int(self._limit)
        return (limit - self.running) / limit if self.up else 0.0

    @property
    def due(self) -> bool:
        """Whether it failed, and has rested long enough to be tried again."""
        return not self.up and self.running == 0 and time.monotonic() >= self._until

    def connect(self) -> Endpoint:
        """Find out what the server is, and wait for it.

        Raises
        ------
        ModelError
            It cannot be reached, or refuses the key.
        """
        found = self._connection.submit(probe(self._connection, self._model))
        try:
            self.endpoint = found.result()
        except FaultError as fault:
            raise ModelError(f"{self.where} {fault.reason}") from None
        except BaseException:
            found.cancel()
            raise
        self.up = True
        return self.endpoint

    def try_again(self) -> Future[Endpoint]:
        """Find out whether the server is there again, without waiting for it."""
        return self._connection.submit(probe(self._connection, self._model))

    def ask(self, request: Request) -> Future[Answer]:
        """Send a request."""
        assert self.endpoint is not None
        self.running += 1
        return self._connection.submit(
            answer(
                self.endpoint,
                request,
                masked=self._address.masked_reply,
                bounds=self._bounds,
                server=self._address.public,
            )
        )

    def answered(self) -> None:
        """Note an answer: the pace grows, and the next rest would be a short one."""
        self._limit = min(self._most, self._limit + 1 / self._limit)
        self._rest = _FIRST_REST

    def failed(self, fault: FaultError) -> None:
        """Note a fault: the pace of a busy server is halved."""
        if fault.reach == "passing":
            self._limit = max(1.0, self._limit / 2)

    def set_aside(self) -> float:
        """Ask it no more for a while; return for how many seconds."""
        rest, self.up = self._rest, False
        self.streak.restart()
        self._until = time.monotonic() + rest
        self._rest = min(2 * rest, _LONGEST_REST)
        return rest

    def back(self, endpoint: Endpoint) -> None:
        """Ask it again, gently."""
        self.endpoint, self.up, self._limit = endpoint, True, 1.0

    def hurry(self) -> None:
        """Let what is under way end, but try nothing again."""
        self._connection.hurry()

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()
