"""What is read from a reply: a distribution, or a named failure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Reading", "Status"]

Status = Literal["ok", "refused", "unparsable", "truncated", "error"]


@dataclass(frozen=True, slots=True)
class Reading:
    """A reply, read.

    Parameters
    ----------
    status : {"ok", "refused", "unparsable", "truncated", "error"}
        ``"ok"``: a distribution. ``"refused"``: words without any number or label.
        ``"unparsable"``: an answer that is no distribution over the options.
        ``"truncated"``: cut off before it was complete. ``"error"``: no reply came.
    reason : str
        Why it failed, or what was corrected; "" where there is nothing to say.
    probabilities : Mapping of int to float
        Code → probability, over all options, sum 1; empty unless the status is ``"ok"``.
    off_option_mass : float or None
        Probability the model gave to anything but an option, in [0, 1]; None where the
        elicitation cannot tell.
    n_draws : int
        How many drawn answers the distribution is made of; 1 where none were counted.
    """

    status: Status
    reason: str = ""
    probabilities: Mapping[int, float] = field(default_factory=dict)
    off_option_mass: float | None = None
    n_draws: int = 1
