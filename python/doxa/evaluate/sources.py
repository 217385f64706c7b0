"""Find the recordings to evaluate, from folders, files and models' names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from doxa.errors import InvalidArgumentError
from doxa.evaluate.bundle import compared
from doxa.recorded import Recording, is_run, read_recording, read_run
from doxa.store.bundle import is_bundle

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from doxa.questionnaire import QuestionBank

__all__ = ["name_models", "read_source", "read_sources", "rename_models"]


def read_sources(
    runs: Iterable[str | Path],
    files: Iterable[str | Path],
    counts: pl.DataFrame,
    bank: QuestionBank,
    *,
    wave: int | None = 7,
) -> list[Recording]:
    """Read runs, and other programs' recordings for the countries with human counts.

    Parameters
    ----------
    runs : iterable of str or pathlib.Path
        Folders of runs, or bundles.
    files : iterable of str or pathlib.Path
        The same, or files as `doxa.recorded.read_recording` takes them, of which replies steered
        towards a country without counts are left out.
    counts : polars.DataFrame
        Human counts, as `doxa.survey` gives them.
    bank : QuestionBank
        The questionnaire.
    wave : int or None
        The wave whose countries count; None for every wave.

    Raises
    ------
    StoreError
        A run is missing or damaged.
    RecordingError
        A file cannot be read; see `doxa.recorded.read_recording`.
    """
    countries = _countries(counts, wave)
    return [
        *(_read_run(Path(run), counts, bank) for run in runs),
        *(read_source(Path(file), counts, bank, countries) for file in files),
    ]


def read_source(
    path: Path, counts: pl.DataFrame, bank: QuestionBank, targets: Collection[str] | None = None
) -> Recording:
    """Read whatever holds replies: a run, a bundle, or what another program recorded.

    Parameters
    ----------
    path : pathlib.Path
        The folder of a run, or a file.
    counts, bank
        The human counts and the questionnaire; what a bundle was made with is compared with them.
    targets : collection of str, optional
        As for `doxa.recorded.read_recording`.

    Raises
    ------
    StoreError, RecordingError
        It cannot be read.
    """
    if is_run(path):
        return _read_run(path, counts, bank)
    return read_recording(path, bank=bank, targets=targets)


def _read_run(path: Path, counts: pl.DataFrame, bank: QuestionBank) -> Recording:
    recording = read_run(path)
    return compared(recording, path, counts, bank) if is_bundle(path) else recording


def _countries(counts: pl.DataFrame, wave: int | None) -> pl.Series:
    fielded = counts if wave is None else counts.filter(pl.col("wave") == wave)
    return fielded["country"].unique()


def name_models(
    names: Sequence[str],
    sources: Iterable[str | Path],
    counts: pl.DataFrame,
    bank: QuestionBank,
    *,
    wave: int | None = 7,
) -> tuple[list[str], list[Recording]]:
    """Find the two models that are meant.

    Parameters
    ----------
    names : sequence of str
        At most two: models' names, or runs and recordings that hold one model each.
    sources : iterable of str or pathlib.Path
        Runs and recordings that hold the models named. If fewer than two are named, all that is
        read holds two models.
    counts, bank, wave
        As for `read_sources`.

    Returns
    -------
    models : list of str
        The two models' names in the recordings. A model that is in two places, each of which
        stands for a side, is named after the later one there.
    recordings : list of Recording
        All that was read.

    Raises
    ------
    InvalidArgumentError
        It is not clear which two models are meant.
    StoreError, RecordingError
        A run or a recording is missing or damaged.
    """
    countries = _countries(counts, wave)
    found = [read_source(Path(source), counts, bank, countries) for source in sources]
    given = set().union(*map(_held, found))
    named: list[str | Recording] = []
    for name in names:
        if name in given or not Path(name).exists():
            if not found:
                raise InvalidArgumentError(
                    f"{name} is not the folder of a run: name one, a bundle or a recorded file; or "
                    "what holds the model with --run or --from"
                )
            named.append(name)
        else:
            named.append(read_source(Path(name), counts, bank, countries))
    if len(named) == 2:
        models = list[str]()
        for name, side in zip(names, named, strict=True):
            if isinstance(side, Recording):
                model = _only(side, name)
                if model in models or model in given:
                    side, model = _renamed(side, {model: name}), name
                found.append(side)
                models.append(model)
            else:
                models.append(side)
        return models, found
    apart = list[Recording]()
    for one in [*found, *(side for side in named if isinstance(side, Recording))]:
        known = set().union(*map(_held, apart))
        alone = len(_held(one)) == 1
        apart.append(
            _renamed(
                one,
                {
                    model: one.name if alone else f"{model} in {one.name}"
                    for model in _held(one) & known
                },
            )
        )
    models = [model for one in apart for model in sorted(_held(one))]
    first = [name for name in named if isinstance(name, str)]
    if len(models) != 2 or not set(first) <= set(models):
        raise InvalidArgumentError(
            f"{len(models)} model{'s' * (len(models) != 1)} in all ({', '.join(models)}): name the "
            "two to compare"
        )
    return sorted(models, key=lambda model: model not in first), apart


def _held(recording: Recording) -> set[str]:
    return set(recording.replies["model"].unique())


def _only(recording: Recording, name: str) -> str:
    held = sorted(_held(recording))
    if len(held) != 1:
        raise InvalidArgumentError(
            f"{name} holds {len(held)} models ({', '.join(held)}): name two and pass --run {name}"
        )
    return held[0]


def _renamed(recording: Recording, names: Mapping[str, str]) -> Recording:
    replies = recording.replies.with_columns(pl.col("model").replace(names))
    return replace(recording, replies=replies)


def rename_models(recordings: Iterable[Recording], names: Mapping[str, str]) -> list[Recording]:
    """Give models the names that tables and pages should show.

    Parameters
    ----------
    recordings : iterable of Recording
        The recordings.
    names : mapping of str to str
        New names by the models' names in the recordings. Two that are given one name are one
        model, whose replies two programs recorded.

    Raises
    ------
    InvalidArgumentError
        No recording holds a model so named, or a model would get the name of another one that
        keeps it.

    Examples
    --------
    >>> [renamed] = rename_models([recording], {"alpha": "Alpha 1"})
    >>> renamed.replies["model"].unique().sort().to_list()
    ['Alpha 1', 'beta']
    """
    recordings = list(recordings)
    held = {model for one in recordings for model in one.replies["model"].unique()}
    unknown = sorted(names.keys() - held)
    if unknown:
        raise InvalidArgumentError(
            f"no model {unknown[0]!r} to rename: there are {', '.join(sorted(held))}"
        )
    for name in names.values():
        if name in held - names.keys():
            raise InvalidArgumentError(
                f"two models would be named {name!r}: name them apart; if they are one, give both "
                "the same new name"
            )
    return [_renamed(one, names) for one in recordings]
