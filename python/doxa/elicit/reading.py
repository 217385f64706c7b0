"""The reading of a reply: a distribution, or the kind of failure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Reading", "Status"]

Status = Literal["ok", "refused", "unparsable", "truncated", "error"]


@dataclass(frozen=True, slots=True)
class Reading:
    """The reading of a reply.

    Parameters
    ----------
    status : {"ok", "refused", "unparsable", "truncated", "error"}
        ``"ok"``: a distribution. ``"refused"``: words without any number or label.
        ``"unparsable"``: an answer that is not a distribution over the options. ``"truncated"``:
        cut off before it was complete. ``"error"``: no reply came.
    reason : str
        The reason of the failure, or the correction made; "" otherwise.
    probabilities : Mapping of int to float
        Code → probability, over all options, sum 1; empty unless the status is ``"ok"``.
    off_option_mass : float or None
        The probability that the model gave to anything but an option, in [0, 1]; None if the
        elicitation cannot measure it.
    lower, upper : Mapping of int to float
        Code → the least and the most that the probability may be, where a server did not tell them
        all; empty if they are exact.
    n_draws : int
        The number of drawn answers that were counted; 1 for other elicitations.
    """

    status: Status
    reason: str = ""
    probabilities: Mapping[int, float] = field(default_factory=dict)
    off_option_mass: float | None = None
    n_draws: int = 1
    lower: Mapping[int, float] = field(default_factory=dict)
    upper: Mapping[int, float] = field(default_factory=dict)
