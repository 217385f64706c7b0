"""Several runs of one experiment, put together in one store."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from doxa.errors import StoreError
from doxa.prompt import Condition
from doxa.run.combination import alike_elicitations
from doxa.run.parts import UNFINISHED
from doxa.run.questionnaire import NOTE as OWN_NOTE
from doxa.run.shard import NOTE, NOTE_OF_MERGED
from doxa.run.together import Together
from doxa.store import Cell, Store
from doxa.store.lease import leased_to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from doxa.run.experiment import Experiment
    from doxa.run.together import Source
    from doxa.store.taking import Taken

__all__ = ["Merged", "merge"]

_LABELS: Final = tuple(name for name in Cell._fields if name in Condition.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge found.

    Parameters
    ----------
    taken : dict of pathlib.Path to Taken
        What each run gave, in the order in which they were taken.
    unfinished : dict of pathlib.Path to (int, int)
        The runs that lack replies to what they ask: how many they have, and of how many.
    shards : list of str
        Which shards are missing, a line each.
    replies, missing : int
        The replies of the experiment that are there now, and those that are not.
    differing : int
        Replies that are kept beside another one to the same request.
    """

    taken: dict[Path, Taken] = field(default_factory=dict)
    unfinished: dict[Path, tuple[int, int]] = field(default_factory=dict)
    shards: list[str] = field(default_factory=list)
    replies: int = 0
    missing: int = 0
    differing: int = 0


def merge(
    runs: Sequence[Path],
    out: Path,
    *,
    told: Callable[[str], object] = lambda _: None,
    progress: Callable[[int, int], object] = lambda _, __: None,
) -> Merged:
    """Put the replies of several runs in one store.

    The runs are shards of one experiment, or the same experiment asked of several models, or both.
    They have the same items, conditions, elicitations and settings, and the same words; a model of
    the same name is the same model. Whether that is so is checked before anything is written. The
    runs are only read, a piece at a time. Replies that are known are not written again, so the
    same merge may be repeated, goes on where it was ended, and more runs may be added later.

    Where two runs have different replies to the same request, the first one counts: that of `out`,
    else of the shard with the lower number, else of the run named first. The other is kept beside
    it (`doxa.store.Store.differing`). An error gives way to a reply.

    Parameters
    ----------
    runs : sequence of pathlib.Path
        The stores.
    out : pathlib.Path
        The store that takes them; it is made if it does not exist.
    told : callable, optional
        Called with each line that the user should read at once.
    progress : callable, optional
        Called as ``progress(done, total)`` with numbers of replies read.

    Raises
    ------
    StoreError
        A run is missing, damaged or empty, or `out` cannot be written.
    ExperimentError
        The runs are of different experiments; the message says how they differ.
    """
    files = [file for file in dict.fromkeys(runs) if not _is_same(file, out)]
    if not files:
        raise StoreError(f"{out}: name the runs that are put into it")
    with closing(Together()) as together:
        if out.is_file():
            with Store.read(out) as store:
                if NOTE in store.metadata:
                    raise StoreError(
                        f"{out} holds shard {store.metadata[NOTE]}: name another folder for all"
                    )
                if "experiment" in store.metadata:
                    together.add(out, store)
        sources = []
        for file in files:
            with Store.read(file) as store:
                sources.append(together.add(file, store))
                for writer in (*store.writers(), *filter(None, [leased_to(file)])):
                    told(f"{file} is still written by {writer}: what it has so far is taken")
        # the order of the runs decides which of two replies counts
        sources.sort(key=lambda source: source.number)
        experiment, parts, models = together.experiment, together.parts, together.models
        questionnaire = together.questionnaire
    with Store.open(out, told=told) as store:
        for notice in store.notices:
            told(notice)
        store.note(*UNFINISHED)
        place, room = _positions(experiment, models), experiment.size * len(models)
        taken = _take(store, sources, place, room, progress)
        store.note("experiment", experiment.to_toml())
        if questionnaire:
            store.note(OWN_NOTE, questionnaire)
        missing = parts.missing() if parts.of else []
        if missing:
            store.note(NOTE_OF_MERGED, parts.written())
        else:
            store.forget(NOTE_OF_MERGED)
        store.forget(UNFINISHED[0])
        answered = sum(place(cell) is not None for cell in store.answered())
        return Merged(
            taken,
            {one.file: (one.replies, one.cells) for one in sources if one.replies < one.cells},
            missing,
            answered,
            experiment.size * len(experiment.models) - answered,
            store.differing().height,
        )


def _take(
    store: Store,
    sources: Iterable[Source],
    position: Callable[[Cell], int | None],
    room: int,
    progress: Callable[[int, int], object],
) -> dict[Path, Taken]:
    total, before = sum(source.replies for source in sources), 0
    taken = {}
    for one in sources:

        def tell(done: int, before: int = before) -> None:
            progress(before + done, total)

        with Store.read(one.file) as source:
            taken[one.file] = store.take(source, position, room, tell)
        before += one.replies
    return taken


def _positions(experiment: Experiment, models: Sequence[str]) -> Callable[[Cell], int | None]:
    """Return a function that gives the place of a cell in a run of the whole experiment."""
    conditions = {
        tuple(getattr(condition, name) for name in _LABELS): number
        for number, condition in enumerate(experiment.conditions)
    }
    asked = experiment.items_in()
    # for each condition and elicitation: where it begins, its cells an item, and where they begin
    # and how many are its own; and the places of the condition's items
    layout: list[tuple[dict[str, tuple[int, int, int, int]], dict[str, int]]] = []
    places: dict[tuple[str, ...], dict[str, int]] = {}
    total = 0
    for condition in experiment.conditions:
        items, starts = asked(condition), dict[str, tuple[int, int, int, int]]()
        for alike in alike_elicitations(experiment.elicitations, condition):
            draws = {name: experiment.draws(name, condition) for name in alike}
            each, start = sum(draws.values()), 0
            for name, n in draws.items():
                starts[name] = (total, each, start, n)
                start += n
            total += each * len(items)
        known = places.setdefault(items, {item: number for number, item in enumerate(items)})
        layout.append((starts, known))
    rank = {model: number for number, model in enumerate(models)}

    def position(cell: Cell) -> int | None:
        try:
            labels = tuple(getattr(cell, name) for name in _LABELS)
            starts, items = layout[conditions[labels]]
            item, (first, each, start, draws) = items[cell.question], starts[cell.elicitation]
            model = rank[cell.model]
        except KeyError:
            return None  # of an earlier experiment in the same store
        if cell.draw >= draws:
            return None
        return model * total + first + item * each + start + cell.draw + 1

    return position


def _is_same(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)
