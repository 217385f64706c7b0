"""Why a request has no answer, and whom that concerns."""

from __future__ import annotations

from typing import Literal

__all__ = ["FaultError", "Reach"]

Reach = Literal["reply", "passing", "server", "all"]
"""Whom a fault concerns; see `FaultError`."""


class FaultError(Exception):
    """A request got no usable answer.

    Parameters
    ----------
    reason : str
        One line without secrets, to follow the name of the server.
    reach : {"reply", "passing", "server", "all"}
        ``"reply"``: this request alone, and asking again would not help. ``"passing"``: the server
        was busy or broke off, several times. ``"server"``: every request, if none has been
        answered yet; otherwise this one. ``"all"``: every request.
    status : int
        The status of the server's reply; 0 if none came.
    """

    def __init__(self, reason: str, reach: Reach = "reply", status: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.reach: Reach = reach
        self.status = status
