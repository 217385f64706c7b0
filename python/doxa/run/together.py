"""Whether runs belong together: checked for all of them before any is merged."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from doxa.errors import ExperimentError
from doxa.run.parts import Parts
from doxa.run.questionnaire import NOTE as OWN_NOTE
from doxa.run.saved import difference, experiment_of, named
from doxa.run.shard import NOTE, Shard

if TYPE_CHECKING:
    from doxa.backend import ModelCard
    from doxa.prompt import Condition
    from doxa.run.experiment import Experiment
    from doxa.store import Store

__all__ = ["Source", "Together"]


class Source(NamedTuple):
    """A run that is going to be merged.

    Attributes
    ----------
    file : pathlib.Path
        Its store.
    number : int
        Which shard it is; 0 for none.
    cells, replies : int
        What it asks, and how much of that has a reply.
    """

    file: Path
    number: int
    cells: int
    replies: int


class Together:
    """What runs of one experiment have in common; each that is added must have it, too.

    Attributes
    ----------
    experiment : Experiment
        The experiment, with the models of all runs.
    models : list of str
        The models' names, in the order of their replies.
    parts : Parts
        The shards that all runs hold together.
    questionnaire : str
        The questionnaire of one's own that they asked; "" for the survey's.
    """

    experiment: Experiment
    parts: Parts
    questionnaire: str

    def __init__(self) -> None:
        self.models: list[str] = []
        self._first: Path | None = None
        self._cards: dict[str, tuple[ModelCard, Path]] = {}
        self._conditions: dict[tuple[str, ...], Condition] = {}
        # on disk, as far as it does not fit in SQLite's cache
        self._worded = sqlite3.connect("", isolation_level=None)
        self._worded.execute("CREATE TABLE worded (cell BLOB PRIMARY KEY, text) WITHOUT ROWID")
        self._worded.execute("BEGIN")

    def close(self) -> None:
        """Free what this holds."""
        self._worded.close()

    def add(self, file: Path, store: Store) -> Source:
        """Check a run against those before it.

        Parameters
        ----------
        file : pathlib.Path
            Its store.
        store : Store
            The same, open.

        Raises
        ------
        ExperimentError
            It is of another experiment; the message says how they differ.
        """
        notes = store.metadata
        experiment = experiment_of(notes, str(file))
        cards = {card.model: card for card in store.cards()}
        parts = Parts.read(notes, cards)
        if self._first is None:
            self._first, self.experiment, self.parts = file, experiment, parts
            self.questionnaire = notes.get(OWN_NOTE, "")
        else:
            if notes.get(OWN_NOTE, "") != self.questionnaire:
                raise self._unlike(file, "their questionnaires differ")
            self._compare(file, experiment, parts)
        for card in cards.values():
            self._compare_card(file, card)
        for labels, condition in store.conditions().items():
            if self._conditions.setdefault(labels, condition) != condition:
                raise self._unlike(file, f"another form of {named(condition)}")
        self._compare_words(file, store)
        self.models += [model for model in store.models() if model not in self.models]
        number = Shard.parse(notes[NOTE]).number if NOTE in notes else 0
        return Source(file, number, *store.sizes())

    def _compare(self, file: Path, experiment: Experiment, parts: Parts) -> None:
        said = difference(self.experiment, experiment)
        if said:
            raise self._unlike(file, said)
        if parts.of and self.parts.of and parts.of != self.parts.of:
            raise self._unlike(file, f"one is cut into {self.parts.of} shards, one into {parts.of}")
        known = {Path(model).name for model in self.experiment.models}
        more = tuple(model for model in experiment.models if Path(model).name not in known)
        self.experiment = replace(self.experiment, models=self.experiment.models + more)
        self.parts = self.parts.joined(parts)

    def _compare_card(self, file: Path, card: ModelCard) -> None:
        known, where = self._cards.setdefault(card.model, (card, file))
        for name in ("backend", "fingerprint", "template", "layout"):
            one, other = getattr(known, name), getattr(card, name)
            if one != other:
                values = "" if name == "template" else f": {_short(one)} and {_short(other)}"
                raise ExperimentError(
                    f"{where} and {file} asked two models of the name {card.model}, which differ "
                    f"in their {name}{values}: they cannot be in one run"
                )

    def _compare_words(self, file: Path, store: Store) -> None:
        """Compare what each cell was asked with what it was asked elsewhere, whatever the model."""
        for cell, text in store.worded():
            key = hashlib.blake2b("\x1f".join(cell).encode(), digest_size=16).digest()
            short = hashlib.blake2b(text, digest_size=8).digest()
            self._worded.execute(
                "INSERT INTO worded VALUES (?, ?) ON CONFLICT DO NOTHING", (key, short)
            )
            found = self._worded.execute("SELECT text FROM worded WHERE cell = ?", (key,))
            if found.fetchone() != (short,):
                raise self._unlike(file, f"other words for {' '.join(filter(None, cell))}")

    def _unlike(self, file: Path, said: str) -> ExperimentError:
        return ExperimentError(
            f"{self._first} and {file} are of different experiments ({said}): merge each "
            "experiment by itself"
        )


def _short(value: object) -> str:
    return str(value)[:40]
