"""Which parts of an experiment a store holds, in words for everybody who reads it."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

from doxa.outside.documents import json_of
from doxa.run.shard import NOTE, NOTE_OF_MERGED, Shard

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["UNFINISHED", "Parts", "gaps", "numbers"]

UNFINISHED: Final = ("merge", "not finished")
"""The note in a store while others are merged into it."""


class Parts(NamedTuple):
    """The shards that a store holds of each model.

    Attributes
    ----------
    of : int
        Into how many shards the experiment was cut; 0 if it was not.
    have : dict of str to frozenset of int
        The numbers of the shards, by model.
    """

    of: int
    have: dict[str, frozenset[int]]

    @classmethod
    def read(cls, notes: Mapping[str, str], models: Iterable[str]) -> Parts:
        """Read what a store notes about its shards.

        Parameters
        ----------
        notes : Mapping of str to str
            The store's metadata.
        models : iterable of str
            The models whose replies it holds.
        """
        if NOTE_OF_MERGED in notes:
            known = json_of(notes[NOTE_OF_MERGED])
            return cls(known["of"], {model: frozenset(n) for model, n in known["have"].items()})
        if NOTE in notes:
            shard = Shard.parse(notes[NOTE])
            return cls(shard.of, {model: frozenset({shard.number}) for model in models})
        return cls(0, {model: frozenset() for model in models})

    def joined(self, other: Parts) -> Parts:
        """Return the parts that two stores hold together; a store that was not cut holds all."""
        of = self.of or other.of
        every = frozenset(range(1, of + 1))
        have: dict[str, frozenset[int]] = {}
        for one in (self, other):
            for model, known in one.have.items():
                have[model] = have.get(model, frozenset()) | (known if one.of else every)
        return Parts(of, have)

    def written(self) -> str:
        """Write it as the note that `read` reads."""
        have = {model: sorted(known) for model, known in self.have.items()}
        return json.dumps({"of": self.of, "have": have})

    def missing(self) -> list[str]:
        """Say which shards are not there, a line for all models that lack the same ones."""
        lacking: dict[tuple[int, ...], list[str]] = {}
        for model, known in self.have.items():
            lacks = tuple(sorted(frozenset(range(1, self.of + 1)) - known))
            lacking.setdefault(lacks, []).append(model)
        said = []
        for lacks, models in lacking.items():
            of = f" of {', '.join(models)}" if len(lacking) > 1 else ""
            if lacks:
                said.append(
                    f"{len(lacks)} of {self.of} shards{of} not among these: {numbers(lacks)}"
                )
        return said


def gaps(notes: Mapping[str, str]) -> list[str]:
    """Say what a store lacks of its experiment, a line each.

    Parameters
    ----------
    notes : Mapping of str to str
        The store's metadata.

    Examples
    --------
    >>> gaps({"shard": "3/16"})
    ['this is shard 3 of 16: join them with  doxa merge  to score them all']
    >>> gaps({"shards": '{"of": 4, "have": {"m": [1, 3]}}'})
    ['2 of 4 shards not among these: 2, 4']
    """
    found = []
    if NOTE in notes:
        shard = Shard.parse(notes[NOTE])
        found.append(
            f"this is shard {shard.number} of {shard.of}: join them with  doxa merge  to score "
            "them all"
        )
    if NOTE_OF_MERGED in notes:
        found += Parts.read(notes, ()).missing()
    if notes.items() >= {UNFINISHED}:
        found.append("doxa merge  was ended before it was done: run it again")
    return found


def numbers(values: Iterable[int]) -> str:
    """Write whole numbers in order, with those that follow each other as a range.

    Examples
    --------
    >>> numbers([4, 9, 10, 11, 12, 16])
    '4, 9-12, 16'
    """
    said: list[str] = []
    for _, run in groupby(enumerate(sorted(values)), key=lambda pair: pair[1] - pair[0]):
        found = [number for _, number in run]
        said += [f"{found[0]}-{found[-1]}"] if len(found) > 2 else map(str, found)
    return ", ".join(said)
