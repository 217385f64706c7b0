"""How far a run is, and how long it will take, in the same words wherever that is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from doxa.run.course import Course

__all__ = ["Advance", "duration"]


class Advance(NamedTuple):
    """How far a run is.

    Attributes
    ----------
    done, total : int
        The replies that are there, and those that were asked for.
    pace : float or None
        Replies a second; None while that is not known, or if nobody is asking.
    expected : float or None
        The seconds until all are there, where that is known better than from the pace.
    models : int
        How many models are to come of which that takes the pace for this one's.

    Examples
    --------
    >>> print(Advance(1200, 5000, 12.5))
    1,200 of 5,000 replies, 12.5 a second, about 5 min left
    >>> print(Advance(1200, 5000, 12.5, expected=7800, models=1))
    1,200 of 5,000 replies, 12.5 a second, about 2 h 10 min left at this model's pace
    """

    done: int
    total: int
    pace: float | None = None
    expected: float | None = None
    models: int = 0

    @classmethod
    def since(
        cls, first: int, done: int, total: int, seconds: float, course: Course | None = None
    ) -> Advance:
        """Return how far a run is that had `first` replies some seconds ago."""
        new = done - first
        pace = new / seconds if new > 0 and seconds > 0 else None
        if course is None:
            return cls(done, total, pace)
        return cls(done, total, pace, course.left(), course.models)

    @property
    def rate(self) -> str:
        """The pace in words; empty if it is not known."""
        if self.pace is None:
            return ""
        return f"{self.pace:,.1f} a second" if self.pace >= 1 else f"{self.pace * 60:.1f} a minute"

    @property
    def left(self) -> float | None:
        """The seconds until all are there."""
        if self.expected is not None:
            return self.expected
        return None if not self.pace else (self.total - self.done) / self.pace

    def __str__(self) -> str:
        """Say it in one line."""
        said = [f"{self.done:,} of {self.total:,} replies"]
        if self.rate:
            said.append(self.rate)
        if self.left is not None and self.done < self.total:
            whose = " at this model's pace" if self.models else ""
            said.append(f"about {duration(self.left)} left{whose}")
        return ", ".join(said)


def duration(seconds: float) -> str:
    """Say how long something takes, in the units that fit.

    Examples
    --------
    >>> duration(99.6), duration(1000), duration(7800), duration(1_000_000)
    ('100 s', '17 min', '2 h 10 min', '11 days 14 h')
    """
    if seconds < 119.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 72:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(round(seconds / 3600), 24)
    return f"{days} days {hours} h" if hours else f"{days} days"
