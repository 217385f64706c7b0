"""The folder of one of doxa's own runs."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from doxa.errors import DoxaError, StoreError
from doxa.prompt import LABELS, examples_for
from doxa.questionnaire import QuestionBank
from doxa.recorded.recording import PROMPT_COLUMNS, UNKNOWN_EXAMPLES, Recording
from doxa.run.parts import gaps
from doxa.store import Store
from doxa.store.bundle import is_bundle
from doxa.survey import sample

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import polars as pl

    from doxa.backend import ModelCard
    from doxa.prompt import Condition

__all__ = ["is_run", "known_store", "read_run", "store_path"]

STORE_NAME: Final = "replies.sqlite"
_SQLITE: Final = b"SQLite format 3\0"
_REMEDY: Final = (
    "run the same  doxa ask  once more: it records what is sent, and asks again where a prompt has "
    "changed"
)


def store_path(run: Path) -> Path:
    """Give the path of the store in a run's folder.

    Parameters
    ----------
    run : pathlib.Path
        The folder that `doxa ask` was given as ``--out``.
    """
    return run / STORE_NAME


def known_store(run: Path) -> Path:
    """Give the file to read of a run: a file is a store itself, or a bundle."""
    return run if run.is_file() else store_path(run)


def is_run(path: Path) -> bool:
    """Tell whether a path is the folder of a run, its store, or a bundle of it."""
    if path.is_file():
        with path.open("rb") as stream:
            return stream.read(len(_SQLITE)) == _SQLITE or is_bundle(path)
    return path.is_dir()


def read_run(run: Path) -> Recording:
    """Read a run.

    The run is read as it is, and nothing is written. The prompts sent and the examples shown are
    read from it. An older version did not keep them; the examples of such a run are taken to be
    those that its conditions choose, with the questionnaire and the counts that come with doxa.

    Parameters
    ----------
    run : pathlib.Path
        The folder of the run, its store, or a bundle of it.

    Raises
    ------
    StoreError
        The run is missing, damaged, or empty.
    """
    with Store.read(known_store(run)) as store:
        replies, sent, examples = store.replies(), store.sent(), store.examples()
        cards, conditions = store.cards(), store.conditions()
        missing, further = gaps(store.metadata), store.differing().height
        notices, unlike = store.notices, store.unlike()
    if not conditions:
        raise StoreError(f"{run}: nothing has been asked yet: run  doxa ask --out {run}")
    without = replies.join(sent, on="request_key", how="anti")
    chosen, unsure = _chosen(without, conditions)
    unknown = _unknown(replies, without.height, chosen, unsure)
    if notices:
        unknown["whether every reply is here"] = "; ".join(notices)
    if missing:
        unknown["what this run lacks"] = "; ".join(missing)
    if further:
        unknown["which reply is right"] = (
            f"of {further} requests with several replies, from runs that were merged: the first "
            "is used;  doxa export --differing  writes the others"
        )
    if unlike:
        unknown["whether one machine would have answered alike"] = "; ".join(unlike)
    return Recording(
        replies=replies,
        prompts=sent.select(PROMPT_COLUMNS),
        examples=examples | chosen,
        provenance=_provenance(cards),
        name=str(run),
        entries=replies.height,
        unknown=unknown,
    )


def _chosen(
    without: pl.DataFrame, conditions: Mapping[tuple[str, ...], Condition]
) -> tuple[frozenset[str], list[str]]:
    """Choose the examples of replies whose prompts are unknown; name the ways that are unsure."""
    found: set[str] = set()
    unsure: dict[str, None] = {}
    for row in without.select(LABELS).unique(maintain_order=True).rows():
        condition = conditions.get(row)
        if condition is not None and not condition.n_examples:
            continue
        with suppress(DoxaError):
            if condition is not None:
                shown = examples_for(condition, bank=QuestionBank.load(), human=sample())
                found.update(example.item for example in shown)
        if condition is None or condition.shows_human_answers:
            unsure[" ".join(label for label in row[:3] if label)] = None
    return frozenset(found), list(unsure)


def _unknown(
    replies: pl.DataFrame, without: int, chosen: frozenset[str], unsure: Sequence[str]
) -> dict[str, str]:
    """Describe the replies whose prompts or thoughts are unknown, with the consequence."""
    said = {}
    if n := replies.filter(thought_status="unknown").height:
        said["whether the model was still thinking"] = (
            f"at {n} of {replies.height} replies, asked for by a version that did not look; "
            f"{_REMEDY}"
        )
    if without:
        said["prompts"] = (
            f"of {without} of {replies.height} replies, asked for by a version that did not keep "
            f"them; {_REMEDY}"
        )
    if unsure:
        said[UNKNOWN_EXAMPLES] = (
            f"of {'; '.join(unsure)}: "
            f"{'those of the counts that come with doxa' if chosen else 'none'} could be left out "
            f"of the scores; {_REMEDY}"
        )
    return said


def _provenance(cards: Iterable[ModelCard]) -> dict[str, str]:
    found: dict[str, str] = {}
    for card in cards:
        # a server is known by its address and the model's name there
        kind = "SHA-256 " if card.backend == "llama_cpp" else ""
        found[f"model {card.model}"] = f"{kind}{card.fingerprint}, through {card.backend}"
        if card.origin:
            found[f"origin of {card.model}"] = ", ".join(
                f"{what} {which}" for what, which in card.origin.items()
            )
        versions = dict(card.versions)
        if device := versions.pop("device", ""):
            found[f"device of {card.model}"] = device
        found |= {f"version of {name}": number for name, number in versions.items()}
        found["layout of evaluation"] = ", ".join(
            f"{name} {value}" for name, value in card.layout.items()
        )
    return found
