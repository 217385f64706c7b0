"""What a bundle says of the human answers and the questionnaire, so that others score it alike."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import polars as pl

import doxa
from doxa.errors import RecordingError, StoreError
from doxa.evaluate.people import people_facts
from doxa.files import reason
from doxa.outside.documents import json_of
from doxa.outside.written import some_of
from doxa.recorded import known_store
from doxa.store import Store
from doxa.store.bundle import documents_of, write_bundle
from doxa.survey import COUNT_COLUMNS
from doxa.survey.counts import complete_counts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from doxa.questionnaire import Item, QuestionBank
    from doxa.recorded import Recording

__all__ = ["compared", "share_run"]

_PEOPLE: Final = "people.json"
_QUESTIONNAIRE: Final = "questionnaire.json"
_POPULATION: Final = ("survey", "wave", "country")
_HEX: Final = 16


def share_run(run: Path, out: Path, counts: pl.DataFrame, bank: QuestionBank) -> str:
    """Write a run to a bundle: one file that somebody else scores again, bit for bit.

    The bundle holds every reply, the prompts that were sent, the experiment, the items asked with
    their scales and wording, and a hash of the answers of each population to these items. It holds
    no human answers: those of a survey may be under a licence.

    Parameters
    ----------
    run : pathlib.Path
        The folder of the run, its store, or a bundle.
    out : pathlib.Path
        The bundle, by custom named ``something.doxa``. The same run, questionnaire and human
        answers give the same bytes.
    counts : polars.DataFrame
        The human counts that the run is scored against.
    bank : QuestionBank
        The questionnaire.

    Returns
    -------
    str
        The SHA-256 that stands for all that the bundle holds.

    Raises
    ------
    StoreError
        The run is missing, damaged or empty, or the bundle cannot be written.
    QuestionnaireError
        The run asked an item that the questionnaire lacks.
    """
    with Store.read(known_store(run)) as store:
        replies = store.replies()
        if replies.is_empty():
            raise StoreError(f"{run}: nothing has been asked yet: run  doxa ask --out {run}")
        items = sorted(replies["question"].unique())
        languages = sorted(replies["language"].unique())
        people = {
            "doxa": doxa.__version__,
            "facts": people_facts(counts, None, bank),
            "populations": _populations(counts, items),
        }
        asked = {item: _asked(bank, item, languages) for item in items}
        documents = {
            _PEOPLE: json.dumps(people, indent=1, ensure_ascii=False),
            _QUESTIONNAIRE: json.dumps(asked, indent=1, ensure_ascii=False),
        }
        try:
            return write_bundle(store.rows, documents, out)
        except OSError as error:
            raise StoreError(f"{out} cannot be written: {reason(error)}") from None


def compared(
    recording: Recording, file: Path, counts: pl.DataFrame, bank: QuestionBank
) -> Recording:
    """Say how the human answers and the questionnaire here differ from those of a bundle.

    Parameters
    ----------
    recording : Recording
        What was read from the bundle.
    file : pathlib.Path
        The bundle.
    counts, bank
        The human counts and the questionnaire that it is scored with.

    Raises
    ------
    StoreError
        The bundle is damaged.
    RecordingError
        An item has another scale here: scores would not mean the same.
    """
    documents = documents_of(file)
    try:
        people, asked = (json_of(documents[name]) for name in (_PEOPLE, _QUESTIONNAIRE))
        maker, theirs = str(people["doxa"]), people["populations"]
        worded = _reworded(asked, bank, file, maker)
        ours = _populations(counts, asked)
        other = _differing(theirs, ours)
    except RecordingError:
        raise
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise StoreError(
            f"{file}: what it says of people and items cannot be read ({error}): get it again from "
            "whoever made it"
        ) from None
    unknown = dict(recording.unknown)
    if other:
        unknown["whether its maker saw these scores"] = (
            f"the human answers to its items are others here than where doxa {maker} made it: "
            f"{'; '.join(other)}"
        )
    if worded:
        unknown["whether new replies would be comparable"] = (
            f"the wording of {some_of(worded)} is another here; what was sent is in the bundle"
        )
    same = "others than" if other else "the same as"
    told = f"made by doxa {maker}, SHA-256 {documents['']}; human answers {same} its maker's"
    return replace(
        recording, unknown=unknown, provenance={**recording.provenance, f"bundle {file}": told}
    )


def _asked(bank: QuestionBank, item: str, languages: Iterable[str]) -> dict[str, Any]:
    questions = [bank.question(item, language) for language in languages]
    return _scale(questions[0].item) | {
        "wording": {one.language: {"text": one.text, "labels": one.labels} for one in questions}
    }


def _scale(item: Item) -> dict[str, Any]:
    """Say what of an item enters a score."""
    scale = item.scale
    return {
        "scale": scale.kind,
        "codes": [*scale.codes],
        "positions": [*scale.positions],
        "off_scale": [*scale.off_scale],
        "spontaneous": [*item.spontaneous],
    }


def _reworded(asked: Mapping[str, Any], bank: QuestionBank, file: Path, maker: str) -> list[str]:
    """Name the items with other words here, by item and language.

    Raises
    ------
    RecordingError
        An item is not here, or has another scale.
    """
    found = []
    for name, theirs in asked.items():
        item = bank.items.get(name)
        ours = None if item is None else _scale(item)
        if ours is None or any(theirs[part] != value for part, value in ours.items()):
            what = "is not in the questionnaire" if ours is None else "has another scale"
            raise RecordingError(
                f"{file}: {name} {what} of this doxa ({doxa.__version__}): score it with doxa "
                f"{maker}, which made it"
            )
        for language, words in theirs["wording"].items():
            here = bank.question(name, language) if language in bank.languages else None
            if here is None or (here.text, [*here.labels]) != (words["text"], words["labels"]):
                found.append(f"{name} ({language})")
    return found


def _populations(counts: pl.DataFrame, items: Iterable[str]) -> dict[str, str]:
    """Hash the answers of each population to some items."""
    counts = complete_counts(counts)
    groups = sorted(name for name in counts.columns if name not in COUNT_COLUMNS)
    measured = [name for name in COUNT_COLUMNS if name not in (*_POPULATION, "source")]
    asked = counts.filter(pl.col("question").is_in([*items])).sort(
        *_POPULATION, *groups, "question", "code"
    )
    found = {}
    parts = asked.partition_by([*_POPULATION, *groups], maintain_order=True)
    for part in parts:
        digest = hashlib.sha256()
        for name in measured:
            column = part[name]
            if column.dtype == pl.String:
                digest.update("\x1f".join(column.fill_null("")).encode())
            else:
                digest.update(column.cast(pl.Float64).fill_null(float("nan")).to_numpy().tobytes())
        keys = part.row(0, named=True)
        named = [f"{name} {keys[name]}" for name in groups if keys[name] is not None]
        label = " ".join([*(str(keys[name]) for name in _POPULATION), *named])
        found[label] = digest.hexdigest()[:_HEX]
    return found


def _differing(theirs: Mapping[str, str], ours: Mapping[str, str]) -> list[str]:
    """Say which populations differ, and which are on one side only."""
    sides = {
        "others": [name for name in theirs if ours.get(name, theirs[name]) != theirs[name]],
        "only there": [name for name in theirs if name not in ours],
        "only here": [name for name in ours if name not in theirs],
    }
    return [f"{what}: {some_of(names)}" for what, names in sides.items() if names]
