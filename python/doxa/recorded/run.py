"""The folder of one of doxa's own runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from doxa.errors import StoreError
from doxa.prompt import LABELS
from doxa.recorded.recording import PROMPT_COLUMNS, UNKNOWN_EXAMPLES, Recording
from doxa.run.parts import gaps
from doxa.run.upgrade import fill_in
from doxa.store import Store
from doxa.store.bundle import is_bundle

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import polars as pl

    from doxa.backend import ModelCard
    from doxa.prompt import Condition

__all__ = ["is_run", "known_store", "read_run", "store_path"]

STORE_NAME: Final = "replies.sqlite"
_SQLITE: Final = b"SQLite format 3\0"
_REMEDY: Final = (
    "run the same  doxa ask  once more: it asks nothing that is known and records what was sent"
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
    read from it. An older version did not keep them; for such a run they are rendered again, as
    far as they are certain.

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
        fill_in(store)
        replies, sent, examples = store.replies(), store.sent(), store.examples()
        cards, conditions = store.cards(), store.conditions()
        missing, further = gaps(store.metadata), store.differing().height
        notices, unlike = store.notices, store.unlike()
    if not conditions:
        raise StoreError(f"{run}: nothing has been asked yet: run  doxa ask --out {run}")
    unknown = _unknown(replies, sent, conditions)
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
        examples=examples,
        provenance=_provenance(cards),
        name=str(run),
        entries=replies.height,
        unknown=unknown,
    )


def _unknown(
    replies: pl.DataFrame, sent: pl.DataFrame, conditions: Mapping[tuple[str, ...], Condition]
) -> dict[str, str]:
    """Describe the replies whose prompts or thoughts are unknown, with the consequence."""
    said = {}
    if unsure := replies.filter(thought_status="unknown").height:
        said["whether the model was still thinking"] = (
            f"at {unsure} of {replies.height} replies, asked for by a version that did not look; "
            f"{_REMEDY}"
        )
    without = replies.join(sent, on="request_key", how="anti")
    if without.is_empty():
        return said
    said |= {
        "prompts": f"of {without.height} of {replies.height} replies, asked for by a version that "
        f"did not keep them; {_REMEDY}"
    }
    labels = without.select(LABELS).unique(maintain_order=True).rows()
    shown = [row for row in labels if row not in conditions or conditions[row].n_examples]
    if shown:
        ways = "; ".join(
            dict.fromkeys(" ".join(label for label in row[:3] if label) for row in shown)
        )
        said[UNKNOWN_EXAMPLES] = f"of {ways}: they could not be left out of the scores; {_REMEDY}"
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
