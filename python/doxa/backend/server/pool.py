"""Several servers of one model: each has its own pace, one that fails is set aside for a while."""

from __future__ import annotations

import logging
from collections import Counter, deque
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import TYPE_CHECKING, Any, Final

from doxa.backend.request import Answer
from doxa.backend.server.fault import FaultError
from doxa.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from doxa.backend.request import Request
    from doxa.backend.server.asking import Endpoint
    from doxa.backend.server.member import Member

    Pair = tuple[Request, Answer]

__all__ = ["Pool"]

_TICK: Final = 0.1
"""Seconds after which a wait looks whether Ctrl-C was pressed: a wait without end would not."""
_MOVES: Final = 3
"""A request that was under way so often when a server failed is not sent again."""

_log = logging.getLogger("doxa")


class Pool:
    """Servers that are asked together, as long as one of them works.

    Parameters
    ----------
    members : sequence of Member
        The servers.
    """

    def __init__(self, members: Sequence[Member]) -> None:
        self._members = members

    def connect(self) -> Endpoint:
        """Find out what the servers are; return how the first that answers is asked.

        Raises
        ------
        ModelError
            None can be reached, or they do not serve the same model in the same way.
        """
        failure: ModelError | None = None
        for member in self._members:
            try:
                member.connect()
            except ModelError as error:
                if len(self._members) == 1:
                    raise
                failure = error
                self._aside(member, error)
            else:
                assert member.endpoint is not None
                _log.warning("%s is %s", member.where, member.endpoint.capabilities.line)
        reached = [member for member in self._members if member.endpoint is not None]
        if failure is not None and not reached:
            raise ModelError(
                f"none of {len(self._members)} servers can be asked; the last: {failure}"
            )
        first = reached[0]
        assert first.endpoint is not None
        for other in reached[1:]:
            _same(first, other, other.endpoint)
        return first.endpoint

    def ask(self, requests: Iterable[Request]) -> Iterator[Pair]:
        """Yield each request with its answer as it arrives.

        Raises
        ------
        ModelError
            No server is left. The good answers under way are yielded first.
        """
        yield from _Round(self._members, requests).answers()

    def _aside(self, member: Member, error: ModelError) -> None:
        _log.warning("%s; trying it again in %.0f s", error, member.set_aside())


class _Round:
    """The asking of some requests."""

    def __init__(self, members: Sequence[Member], requests: Iterable[Request]) -> None:
        self._members = members
        self._pending = iter(requests)
        self._again: deque[tuple[Request, Member]] = deque()
        self._moves: Counter[Request] = Counter()
        self._running: dict[Future[Any], tuple[Member, Request | None]] = {}
        self._failure: ModelError | None = None
        for member in members:
            member.streak.take()
            member.streak.restart()
            member.up = member.up or not any(other.up for other in members)

    def answers(self) -> Iterator[Pair]:
        try:
            while True:
                if self._failure is None:
                    self._send()
                if not any(request for _, request in self._running.values()):
                    if self._failure is None:
                        yield from self._end()
                    if self._failure is not None:
                        raise self._failure
                    if not self._again:
                        return
                    if not self._running:
                        continue
                for future in wait(self._running, timeout=_TICK, return_when=FIRST_COMPLETED).done:
                    member, request = self._running.pop(future)
                    if request is None:
                        self._tried(member, future)
                    else:
                        member.running -= 1
                        yield from self._came(member, request, future)
        finally:
            for future, (member, request) in self._running.items():
                member.running -= request is not None
                future.cancel()

    def _send(self) -> None:
        """Give every server as much as its pace allows; try those that rested again."""
        trying = {member for member, request in self._running.values() if request is None}
        for member in self._members:
            if member.due and member not in trying:
                self._running[member.try_again()] = (member, None)
        waiting = set(self._members)
        while waiting:
            best = max(waiting, key=lambda member: member.free)
            request = self._for(best) if best.free > 0 else None
            if request is None:
                waiting.remove(best)
            else:
                self._running[best.ask(request)] = (best, request)

    def _for(self, member: Member) -> Request | None:
        """Return what to ask a server next; not what it failed at, if another one can be asked."""
        others = any(other.up for other in self._members if other is not member)
        for place, (request, failed_at) in enumerate(self._again):
            if failed_at is not member or not others:
                del self._again[place]
                return request
        return next(self._pending, None)

    def _came(self, member: Member, request: Request, future: Future[Answer]) -> Iterator[Pair]:
        try:
            answer = future.result()
        except FaultError as fault:
            if not member.up:
                yield from self._move(member, [request], fault.reason)
                return
            member.failed(fault)
            try:
                yield from member.streak.bad(request, fault)
            except ModelError as error:
                yield from self._lost(member, [request], error)
            else:
                if any(other.up for other in self._members if other is not member):
                    yield from self._move(member, member.streak.take(), fault.reason)
        else:
            member.answered()
            yield from member.streak.good(request)
            yield request, answer

    def _lost(
        self, member: Member, requests: Sequence[Request], error: ModelError
    ) -> Iterator[Pair]:
        """Set a server aside, and move what it could not answer; without another, end."""
        held = [*requests, *(one for one in member.streak.take() if one not in requests)]
        rest = member.set_aside()
        if not any(other.up for other in self._members):
            self._failure = self._failure or error
            for other in self._members:
                other.hurry()
            return
        _log.warning("%s; the other servers go on, and it is tried again in %.0f s", error, rest)
        yield from self._move(member, held, str(error))

    def _move(self, member: Member, requests: Sequence[Request], reason: str) -> Iterator[Pair]:
        """Send requests to another server, unless it may be they that make servers fail."""
        for request in requests:
            self._moves[request] += 1
            if self._moves[request] < _MOVES:
                self._again.append((request, member))
            else:
                yield request, Answer(f"{_MOVES} times a server failed at it: {reason}", "error")

    def _tried(self, member: Member, future: Future[Endpoint]) -> None:
        first = next((other for other in self._members if other.endpoint is not None), member)
        try:
            endpoint = future.result()
            _same(first, member, endpoint)
        except FaultError:
            member.set_aside()
        except ModelError as error:
            _log.warning("%s; trying it again in %.0f s", error, member.set_aside())
        else:
            member.back(endpoint)
            _log.warning("%s is back: %s", member.where, endpoint.capabilities.line)

    def _end(self) -> Iterator[Pair]:
        """Yield what was held back until it was known whether the servers work."""
        for member in self._members:
            if not member.up:
                continue
            try:
                yield from member.streak.end()
            except ModelError as error:
                yield from self._lost(member, [], error)


def _same(one: Member, other: Member, endpoint: Endpoint | None) -> None:
    """Raise unless two servers serve the same model in the same way."""
    assert one.endpoint is not None
    assert endpoint is not None
    mine, theirs = one.endpoint.capabilities.identity, endpoint.capabilities.identity
    if mine != theirs:
        raise ModelError(
            f"{one.where} and {other.where} do not serve the same model in the same way: "
            f"{mine}; {theirs}: give servers of one model"
        )
