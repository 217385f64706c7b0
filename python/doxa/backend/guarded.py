"""Whatever a backend raises for one request is that request's error, and the others go on."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from doxa.backend.request import Answer
from doxa.errors import DoxaError
from doxa.files import reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from doxa.backend.request import Backend, Request

__all__ = ["guarded"]

_log = logging.getLogger("doxa")


def guarded(backend: Backend, requests: Iterable[Request]) -> Iterator[tuple[Request, Answer]]:
    """Yield each request with its answer, as `Backend.ask` does; no request ends the others.

    If the backend raises anything but the exceptions of doxa, the requests under way are asked
    again, one by one. The one that makes it raise again gets an answer of the kind error.

    Parameters
    ----------
    backend : Backend
        The backend.
    requests : iterable of Request
        The requests; each is taken only just before it is asked.

    Raises
    ------
    DoxaError
        What the backend, or `requests`, raises on purpose: no further request can be asked.
    """
    under_way: dict[Request, None] = {}
    failure: Exception | None = None

    def taken() -> Iterator[Request]:
        nonlocal failure
        try:
            for request in requests:
                under_way[request] = None
                yield request
        except Exception as error:
            failure = error
            raise

    source = taken()
    while True:
        try:
            for request, answer in backend.ask(source):
                under_way.pop(request, None)
                yield request, answer
        except DoxaError:
            raise
        except Exception:
            if failure is not None:
                raise
            _log.debug("a request made the backend fail", exc_info=True)
        else:
            return
        for request in list(under_way):
            yield request, _alone(backend, request)
        under_way.clear()


def _alone(backend: Backend, request: Request) -> Answer:
    try:
        [(_, answer)] = backend.ask([request])
    except DoxaError:
        raise
    except Exception as error:
        _log.debug("the request that made it fail", exc_info=True)
        return Answer(f"{type(error).__name__}: {reason(error)}", "error")
    return answer
