"""How far a run is, and how long it will take, in the same words wherever that is told."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Advance", "duration"]


class Advance(NamedTuple):
    """How far a run is.

    Attributes
    ----------
    done, total : int
        The replies that are there, and those that were asked for.
    pace : float or None
        Replies a second; None while that is not known, or if nobody is asking.

    Examples
    --------
    >>> print(Advance(1200, 5000, 12.5))
    1,200 of 5,000 replies, 12.5 a second, about 5 min left
    """

    done: int
    total: int
    pace: float | None = None

    @classmethod
    def since(cls, first: int, done: int, total: int, seconds: float) -> Advance:
        """Return how far a run is that had `first` replies some seconds ago."""
        new = done - first
        return cls(done, total, new / seconds if new > 0 and seconds > 0 else None)

    @property
    def rate(self) -> str:
        """The pace in words; empty if it is not known."""
        if self.pace is None:
            return ""
        return f"{self.pace:,.1f} a second" if self.pace >= 1 else f"{self.pace * 60:.1f} a minute"

    @property
    def left(self) -> float | None:
        """The seconds until all are there, at this pace."""
        return None if not self.pace else (self.total - self.done) / self.pace

    def __str__(self) -> str:
        """Say it in one line."""
        said = [f"{self.done:,} of {self.total:,} replies"]
        if self.rate:
            said.append(self.rate)
        if self.left is not None and self.done < self.total:
            said.append(f"about {duration(self.left)} left")
        return ", ".join(said)


def duration(seconds: float) -> str:
    """Say how long something takes, in the unit that fits.

    Examples
    --------
    >>> duration(99.6), duration(1000), duration(10_000), duration(1_000_000)
    ('100 s', '17 min', '2.8 h', '11.6 days')
    """
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 72 * 3600 else f"{seconds / 86400:.1f} days"
