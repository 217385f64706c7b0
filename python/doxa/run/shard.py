"""A shard: one of several parts of an experiment, each asked into a store of its own.

A shard is cut from the experiment alone: not from what a store holds, nor from the model. Each
model's items, in the order of the experiment, are divided into runs of equal estimated work, so a
shard has few conditions, and whole items of them.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

from doxa.backend import Request, Turn
from doxa.elicit import ELICITATIONS
from doxa.errors import ExperimentError
from doxa.run.blocks import shares, work
from doxa.run.saved import difference, experiment_of
from doxa.run.task import prompts_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import polars as pl

    from doxa.prompt import Condition
    from doxa.questionnaire import QuestionBank
    from doxa.run.combination import Combination
    from doxa.run.experiment import Experiment
    from doxa.store import Store

    Taken = frozenset[tuple[Condition, str]]

__all__ = ["NOTE", "NOTE_OF_MERGED", "Shard", "keep_shard", "refuse_other_shard"]

NOTE: Final = "shard"
"""The name of the note in a store that holds a shard."""
NOTE_OF_MERGED: Final = "shards"
"""The name of the note in a store that shards were merged into, and not all of them."""
_MOST: Final = 100_000


class Shard(NamedTuple):
    """One of several parts of an experiment.

    Attributes
    ----------
    number : int
        Which part, from 1.
    of : int
        The number of parts.

    Examples
    --------
    >>> str(Shard.parse("3/16"))
    '3/16'
    """

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Read ``"3/16"``: the third of sixteen.

        Raises
        ------
        ExperimentError
            The text is something else, or there is no such part.
        """
        found = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", text.strip())
        number, of = map(int, found.groups()) if found else (0, 0)
        if not 1 <= number <= of <= _MOST:
            raise ExperimentError(
                f"--shard {text}: write which part and of how many, from 1/16 to 16/16"
            )
        return cls(number, of)

    def __str__(self) -> str:
        """Write it as `parse` reads it."""
        return f"{self.number}/{self.of}"

    def takes(
        self, experiment: Experiment, *, bank: QuestionBank, human: pl.DataFrame | None = None
    ) -> Taken:
        """Return the conditions and items that this shard asks each model.

        Parameters
        ----------
        experiment : Experiment
            The whole experiment; its models are not read.
        bank : QuestionBank
            The questionnaire.
        human : polars.DataFrame, optional
            Human counts; needed for few-shot steering.

        Raises
        ------
        ExperimentError
            There would be more shards than items to ask, or a shard is too large.
        """
        experiment.refuse_too_many(parts=self.of)
        costs: dict[tuple[Condition, str], float] = {}
        for (condition, _), alike in groupby(
            prompts_of(experiment, bank=bank, human=human),
            key=lambda asked: (asked[0].condition, asked[1].opening(_asks(asked[0]))),
        ):
            shared = 0.0
            for item, together in groupby(alike, key=lambda asked: asked[0].item):
                requests: list[Request] = []
                for one, prompt, _ in together:
                    elicitation = ELICITATIONS[one.elicitation]
                    budget = condition.thought_tokens
                    if one.draw == 0:  # the others are the same work
                        request = elicitation.ask(
                            prompt, experiment.settings, 0, 0, reasoning=budget
                        )
                    requests.append(request)
                # what the items of a condition share is the first one's work
                piece = (condition, item)
                costs[piece] = costs.get(piece, 0.0) + work(requests) - shared
                shared = work([Request(Turn(requests[0].turn.system, "", ""), "text")])
        pieces = list(costs)
        if len(pieces) < self.of:
            raise ExperimentError(
                f"--shard {self}: {len(experiment.conditions)} conditions of "
                f"{len(experiment.items)} items make {len(pieces)} parts at most"
            )
        return frozenset(pieces[i] for i in shares(list(costs.values()), self.of)[self.number - 1])


def _asks(one: Combination) -> str:
    return ELICITATIONS[one.elicitation].asks


def refuse_other_shard(
    notes: Mapping[str, str], experiment: Experiment, shard: Shard | None, file: Path
) -> None:
    """Raise `ExperimentError` if a store holds something else than a shard of an experiment.

    Parameters
    ----------
    notes : Mapping of str to str
        The store's metadata.
    experiment : Experiment
        What is going to be asked.
    shard : Shard or None
        The part of it; None for all of it.
    file : pathlib.Path
        The store, for the message.
    """
    found, wanted = notes.get(NOTE, ""), "" if shard is None else str(shard)
    if "experiment" not in notes or not found + wanted:
        return
    remedy = "give it another folder"
    if found != wanted:
        holds = f"shard {found} of an experiment" if found else "a run that is no shard"
        asked = f"this is shard {wanted}" if wanted else f"add  --shard {found}  to go on with it"
        raise ExperimentError(f"{file} holds {holds}: {asked}, or {remedy}")
    said = difference(experiment_of(notes, str(file)), experiment)
    if said:
        raise ExperimentError(
            f"{file} holds shard {found} of another experiment ({said}): {remedy}"
        )


def keep_shard(store: Store, experiment: Experiment, shard: Shard | None) -> None:
    """Note in a store which shard it holds; refuse one that holds something else."""
    refuse_other_shard(store.metadata, experiment, shard, store.place)
    if shard is not None:
        store.note(NOTE, str(shard))
    else:
        # whatever shards were merged into it, all of the experiment is asked from now on
        store.forget(NOTE_OF_MERGED)
