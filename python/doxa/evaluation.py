"""From runs on disk to everything that a table or a report shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import polars as pl

import doxa
from doxa.analysis import country_alignment, steering_effects
from doxa.distribution import human_distributions, model_distributions
from doxa.errors import NoDataError, StoreError
from doxa.prompt import examples_for, excluded_items, render
from doxa.store import Store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from doxa.backend import ModelCard
    from doxa.prompt import Condition
    from doxa.question import QuestionBank

__all__ = ["Evaluation", "evaluate", "store_path"]

STORE_NAME: Final = "replies.sqlite"


def store_path(run: Path) -> Path:
    """Name the store of a run's folder.

    Parameters
    ----------
    run : pathlib.Path
        The folder that `doxa ask` was given as ``--out``.
    """
    return run / STORE_NAME


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Runs, scored.

    Parameters
    ----------
    replies : polars.DataFrame
        All replies of the runs.
    prompts : polars.DataFrame
        What was sent: `request_key`, `system`, `user`, `reply_start`.
    model_distributions, human_distributions : polars.DataFrame
        Both sides of every score.
    alignment : polars.DataFrame
        Unsteered conditions against every country, steered ones against their target.
    steering : polars.DataFrame
        Effects of each steering on its target; empty where nothing unsteered was asked.
    excluded : frozenset of str
        Items shown as examples in some condition, and therefore in no score.
    provenance : mapping of str to str
        What the numbers rest on.
    """

    replies: pl.DataFrame
    prompts: pl.DataFrame
    model_distributions: pl.DataFrame
    human_distributions: pl.DataFrame
    alignment: pl.DataFrame
    steering: pl.DataFrame
    excluded: frozenset[str]
    provenance: Mapping[str, str]


def evaluate(
    runs: Sequence[Path],
    counts: pl.DataFrame,
    bank: QuestionBank,
    *,
    wave: int = 7,
    n_resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Evaluation:
    """Score runs against human counts.

    Every row of one elicitation is computed over the same items, and items that any condition
    showed as examples are in none of them.

    Parameters
    ----------
    runs : sequence of pathlib.Path
        Folders of runs.
    counts : polars.DataFrame
        Human counts, as `doxa.survey` gives them.
    bank : QuestionBank
        The questionnaire.
    wave : int
        The survey's wave to compare with.
    n_resamples, confidence, seed
        Of the bootstrap over items.

    Raises
    ------
    StoreError
        A run is missing or damaged.
    NoDataError
        A run has no usable replies, or nothing in common with the counts.
    """
    stores = [_read(run) for run in runs]
    replies = pl.concat([run.replies for run in stores])
    if not (replies["status"] == "ok").any():
        raise NoDataError(
            f"{', '.join(map(str, runs))}: {replies.height} replies, none of them a distribution"
        )
    conditions = {condition: None for run in stores for condition in run.conditions.values()}
    excluded = excluded_items(conditions, bank=bank, human=counts)
    model = model_distributions(replies, bank)
    human = human_distributions(counts, bank)
    scored = country_alignment(
        model,
        human,
        bank,
        exclude_items=excluded,
        wave=wave,
        n_resamples=n_resamples,
        confidence=confidence,
        seed=seed,
    )
    try:
        effects = steering_effects(
            model,
            human,
            bank,
            exclude_items=excluded,
            wave=wave,
            n_resamples=n_resamples,
            confidence=confidence,
            seed=seed,
        ).filter(pl.col("target") == pl.col("country"))
    except NoDataError:
        effects = pl.DataFrame()
    return Evaluation(
        replies=replies,
        prompts=pl.concat([_prompts(run, counts, bank) for run in stores]),
        model_distributions=model,
        human_distributions=human.filter(pl.col("wave") == wave),
        alignment=scored.filter((pl.col("target") == "") | (pl.col("target") == pl.col("country"))),
        steering=effects,
        excluded=excluded,
        provenance=_provenance(
            [card for run in stores for card in run.cards],
            {
                "survey wave": str(wave),
                "bootstrap": f"{n_resamples} resamples of the items, seed {seed}",
                "items shown as examples, in no score": ", ".join(
                    item for item in bank.items if item in excluded
                ),
            },
        ),
    )


class _Run(NamedTuple):
    replies: pl.DataFrame
    cards: list[ModelCard]
    conditions: dict[tuple[str, ...], Condition]


_ASKED = ("language", "steering", "target", "template", "option_order")


def _read(run: Path) -> _Run:
    with Store.open(store_path(run), create=False) as store:
        replies, cards, conditions = store.replies(), store.cards(), store.conditions()
    if not conditions:
        raise StoreError(f"{run}: nothing has been asked yet: run  doxa ask --out {run}")
    asked = replies.select(_ASKED).unique(maintain_order=True).rows()
    return _Run(replies, cards, {row: conditions[row] for row in asked})


def _prompts(run: _Run, counts: pl.DataFrame, bank: QuestionBank) -> pl.DataFrame:
    """Render again what was sent; rendering is a pure function of the condition."""
    examples = {
        row: examples_for(condition, bank=bank, human=counts)
        for row, condition in run.conditions.items()
    }
    rows = {}
    columns = ("request_key", "question", "elicitation", *_ASKED)
    for key, question, elicitation, *asked in run.replies.select(columns).iter_rows():
        row = tuple(asked)
        prompt = render(question, run.conditions[row], bank=bank, examples=examples[row])
        user = f"{prompt.user}\n\n{prompt.asks[elicitation]}"
        rows[key] = (key, prompt.system, user, prompt.reply_starts[elicitation])
    names = ("request_key", "system", "user", "reply_start")
    return pl.DataFrame(list(rows.values()), schema=dict.fromkeys(names, pl.String), orient="row")


def _provenance(cards: Sequence[ModelCard], settings: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for card in cards:
        found[f"model {card.model}"] = f"SHA-256 {card.fingerprint}, through {card.backend}"
        found |= {f"version of {name}": number for name, number in card.versions.items()}
        found["layout of evaluation"] = ", ".join(
            f"{name} {value}" for name, value in card.layout.items()
        )
    return found | dict(settings) | {"version of doxa": doxa.__version__}
