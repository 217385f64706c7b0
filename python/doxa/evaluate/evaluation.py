"""From replies and human counts to everything that a table or a report shows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

import doxa
from doxa.analysis import Settings, country_alignment, steering_effects
from doxa.distribution import human_distributions, model_distributions, target_or_everyone
from doxa.errors import NoDataError
from doxa.recorded import Recording, read_run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from doxa.questionnaire import QuestionBank

__all__ = ["Evaluation", "evaluate"]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Replies beside human counts; what follows from them is computed when asked for, once.

    `doxa.evaluate.tables` gives further tables by name.

    Parameters
    ----------
    replies : polars.DataFrame
        All replies, as `doxa.store.Store.replies` gives them.
    prompts : polars.DataFrame
        What was sent: `request_key`, `system`, `user`, `reply_start`.
    counts : polars.DataFrame
        Human counts of all waves.
    bank : QuestionBank
        The items, with their scales.
    excluded : frozenset of str
        Items shown as examples in some condition, and therefore in no score.
    provenance : mapping of str to str
        What the numbers rest on.
    settings : Settings
        How they are computed.

    Attributes
    ----------
    tables : dict of str to polars.DataFrame
        What `doxa.evaluate.tables` has computed.
    """

    replies: pl.DataFrame
    prompts: pl.DataFrame
    counts: pl.DataFrame
    bank: QuestionBank
    excluded: frozenset[str]
    provenance: Mapping[str, str]
    settings: Settings
    tables: dict[str, pl.DataFrame] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def model_distributions(self) -> pl.DataFrame:
        """What the models answered, as `doxa.distribution.model_distributions` gives it."""
        return model_distributions(self.replies, self.bank)

    @cached_property
    def human_waves(self) -> pl.DataFrame:
        """What people answered in all waves, as `human_distributions` gives it."""
        return human_distributions(self.counts, self.bank)

    @property
    def human_distributions(self) -> pl.DataFrame:
        """What people answered in the wave of the evaluation."""
        return self.human_waves.filter(pl.col("wave") == self.settings.wave)

    @property
    def sides(self) -> tuple[pl.DataFrame, pl.DataFrame, QuestionBank]:
        """The first three arguments of most tables: models, humans of all waves, the bank."""
        return self.model_distributions, self.human_waves, self.bank

    @property
    def table_settings(self) -> Settings:
        """The settings of every table: those given, with items shown as examples left out too."""
        return replace(self.settings, exclude_items=self.settings.exclude_items | self.excluded)

    @cached_property
    def alignment(self) -> pl.DataFrame:
        """Unsteered conditions against every country, steered ones against their target."""
        table = country_alignment(*self.sides, settings=self.table_settings)
        return table.filter(target_or_everyone())

    @cached_property
    def effects(self) -> pl.DataFrame:
        """Effects of each steering on its target.

        Raises
        ------
        NoDataError
            Nothing unsteered was asked, or nothing steered.
        """
        return steering_effects(*self.sides, targets_only=True, settings=self.table_settings)

    @property
    def steering(self) -> pl.DataFrame:
        """Effects of each steering on its target; empty where there is nothing to measure."""
        try:
            return self.effects
        except NoDataError:
            return pl.DataFrame()

    def _repr_html_(self) -> str:
        """Show the scores in a notebook; Polars writes the table, and escapes what it holds."""
        shown = self.alignment.select(
            "model", "elicitation", "language", "steering", "target", "country", "wave",
            "n_items", "estimate", "low", "high", "baseline", "ceiling", "verdict",
        )  # fmt: skip
        about = f"{self.replies.height:,} replies, scored against wave {self.settings.wave}"
        return f"<p>{about}</p>{shown._repr_html_()}"


def evaluate(
    sources: Sequence[Path | Recording],
    counts: pl.DataFrame,
    bank: QuestionBank,
    settings: Settings | None = None,
) -> Evaluation:
    """Set replies beside human counts.

    Every row of one elicitation is computed over the same items, and items that any condition
    showed as examples are in none of them.

    Parameters
    ----------
    sources : sequence of pathlib.Path or Recording
        Folders of runs, and recordings.
    counts : polars.DataFrame
        Human counts, as `doxa.survey` gives them.
    bank : QuestionBank
        The questionnaire.
    settings : Settings, optional
        How the tables are computed.

    Raises
    ------
    StoreError
        A run is missing or damaged.
    NoDataError
        No reply is a distribution.
    """
    settings = settings or Settings()
    recordings = [read_run(source) if isinstance(source, Path) else source for source in sources]
    replies = pl.concat([recording.replies for recording in recordings])
    if not (replies["status"] == "ok").any():
        raise NoDataError(
            f"{', '.join(recording.name for recording in recordings)}: {replies.height} replies, "
            "none of them a distribution"
        )
    excluded = frozenset[str]().union(*(recording.examples for recording in recordings))
    found: dict[str, str] = {}
    for recording in recordings:
        found |= recording.provenance
    return Evaluation(
        replies=replies,
        prompts=pl.concat([recording.prompts for recording in recordings]),
        counts=counts,
        bank=bank,
        excluded=excluded,
        provenance=found | _provenance(settings, [item for item in bank.items if item in excluded]),
        settings=settings,
    )


def _provenance(settings: Settings, excluded: Sequence[str]) -> dict[str, str]:
    return {
        "survey wave": str(settings.wave),
        "bootstrap": f"{settings.n_resamples} resamples of the {', '.join(settings.resample)}, "
        f"seed {settings.seed}",
        "items shown as examples, in no score": ", ".join(excluded),
        "version of doxa": doxa.__version__,
    }
