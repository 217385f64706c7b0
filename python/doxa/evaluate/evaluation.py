"""Replies and human counts together, and the tables computed from them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl

import doxa
from doxa.analysis import Settings, country_alignment, steering_effects
from doxa.analysis.parts.forms import drawing_of_replies
from doxa.distribution import human_distributions, model_distributions
from doxa.errors import NoDataError
from doxa.evaluate.people import people_facts, read_people
from doxa.evaluate.personas import people_of_groups
from doxa.evaluate.questionnaire import questionnaire_of
from doxa.evaluate.sources import read_source
from doxa.recorded import UNKNOWN_EXAMPLES, Recording
from doxa.survey.counts import complete_counts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from doxa.analysis.parts.correction import Correction
    from doxa.questionnaire import QuestionBank

    RunOrRecording = str | Path | Recording

__all__ = ["CORRECTION", "Evaluation", "evaluate"]

CORRECTION: Final[Correction] = "holm"
"""How the p-values of steering are corrected for the number of tests."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Replies and human counts together; what follows from them is computed on first use.

    `doxa.evaluate.make_table` gives further tables by name.

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
        Items shown as examples in some condition; they are left out of every score.
    provenance : mapping of str to str
        Where the numbers come from: facts by name, such as the seed and the version.
    settings : Settings
        How tables are computed; `exclude_items` include the items shown as examples.
    examples_unknown : bool
        Whether it is unknown for some replies which items their prompts showed.
    retest_counts : polars.DataFrame, optional
        Human counts of the same populations, asked a second time.

    Attributes
    ----------
    tables : dict of str to polars.DataFrame
        The tables that `doxa.evaluate.make_table` has made.
    """

    replies: pl.DataFrame
    prompts: pl.DataFrame
    counts: pl.DataFrame
    bank: QuestionBank
    excluded: frozenset[str]
    provenance: Mapping[str, str]
    settings: Settings
    examples_unknown: bool = False
    retest_counts: pl.DataFrame | None = None
    tables: dict[str, pl.DataFrame] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def model_distributions(self) -> pl.DataFrame:
        """Give what the models answered, as `doxa.distribution.model_distributions` does."""
        return model_distributions(self.replies, self.bank)

    @cached_property
    def human_waves(self) -> pl.DataFrame:
        """Give what people answered in all waves, as `human_distributions` does."""
        return human_distributions(self.counts, self.bank)

    @cached_property
    def retest(self) -> pl.DataFrame | None:
        """Give what people answered when they were asked again, or None."""
        counts = self.retest_counts
        return None if counts is None else human_distributions(counts, self.bank)

    @property
    def human_distributions(self) -> pl.DataFrame:
        """Give what people answered in the wave of the evaluation."""
        wave = self.settings.wave
        return self.human_waves if wave is None else self.human_waves.filter(wave=wave)

    @property
    def sides(self) -> tuple[pl.DataFrame, pl.DataFrame, QuestionBank]:
        """Give the first three arguments of most tables: models, people in all waves, the bank.

        Personas of groups are not among the models: they have tables of their own.

        Raises
        ------
        NoDataError
            Nothing but personas of groups was asked.
        """
        model = self.model_distributions
        plain = model.filter(pl.col("group") == "")
        if plain.is_empty() and not model.is_empty():
            raise NoDataError(
                "every reply is of a persona of a group: score these with  --table personas , and "
                "ask the model without a persona too"
            )
        return plain, self.human_waves, self.bank

    @cached_property
    def persona_sides(self) -> tuple[pl.DataFrame, pl.DataFrame, QuestionBank]:
        """Give the first three arguments of the tables of personas of groups.

        People are whole countries and the groups that were asked, named in the column `people`.
        """
        people = people_of_groups(self.counts, self.replies, self.bank)
        return self.model_distributions, people, self.bank

    @property
    def unscored(self) -> dict[str, int]:
        """Count the replies steered towards each country without human answers in the wave.

        These replies enter no score.
        """
        return _unscored(self.replies, self.counts, self.settings.wave)

    @property
    def rounding(self) -> float | None:
        """Bound how far the rounding of published shares can move a score; None if unknown.

        Rounded up to four decimals.
        """
        return self._most("rounding")

    @property
    def bounds(self) -> float:
        """Bound how far what a server did not tell can move a score.

        Rounded up to four decimals; 0 if all shares are exact.
        """
        return self._most("bounds") or 0.0

    def _most(self, name: str) -> float | None:
        """Return the largest bound of a kind, rounded up; None if one is unknown."""
        if not (self.replies["group"] == "").any():
            return None  # personas of groups are scored against counts
        bounds = self.alignment.filter(pl.col("n_items") > 0)[name]
        return None if bounds.null_count() else math.ceil(1e4 * max(bounds, default=0.0)) / 1e4

    @cached_property
    def alignment(self) -> pl.DataFrame:
        """Score unsteered conditions against every country, steered ones against their target."""
        return country_alignment(*self.sides, targets_only=True, settings=self.settings)

    @cached_property
    def effects(self) -> pl.DataFrame:
        """Measure the effect of each steering on its target.

        Raises
        ------
        NoDataError
            No steering towards a country can be compared with unsteered answers.
        """
        return steering_effects(
            *self.sides, targets_only=True, correction=CORRECTION, settings=self.settings
        )

    @property
    def steering(self) -> pl.DataFrame:
        """Return `effects`, or an empty frame if there is nothing to measure."""
        try:
            return self.effects
        except NoDataError:
            return pl.DataFrame()

    def _repr_html_(self) -> str:
        """Show the scores in a notebook; Polars writes the table and escapes its text."""
        shown = self.alignment.select(
            "model", "elicitation", "language", "steering", "target", "country", "wave",
            "n_items", "estimate", "low", "high", "baseline", "ceiling", "verdict",
        )  # fmt: skip
        about = f"{self.replies.height:,} replies, scored against {_waves(self.settings)}"
        return f"<p>{about}</p>{shown._repr_html_()}"


def evaluate(
    sources: RunOrRecording | Sequence[RunOrRecording],
    counts: pl.DataFrame | None = None,
    bank: QuestionBank | None = None,
    settings: Settings | None = None,
    *,
    retest: pl.DataFrame | None = None,
) -> Evaluation:
    """Evaluate replies against human counts.

    All rows of one elicitation use the same items. Items that any condition showed as examples
    are left out.

    Parameters
    ----------
    sources : str, pathlib.Path, Recording or sequence of them
        Folders of runs, bundles, files that other programs recorded, and recordings.
    counts : polars.DataFrame, optional
        Human counts, as `doxa.survey` gives them; by default `doxa.survey.world`, which doxa
        ships.
    bank : QuestionBank, optional
        The questionnaire; by default the one of one's own that the runs keep, else doxa's.
    settings : Settings, optional
        How the tables are computed.
    retest : polars.DataFrame, optional
        Human counts of the same populations, asked a second time: the table `ceilings` reads scores
        against them.

    Raises
    ------
    StoreError
        A run is missing or damaged.
    NoDataError
        No reply gave a distribution.

    Examples
    --------
    >>> from doxa.survey import sample
    >>> scored = evaluate(recording, sample(wave=7))
    >>> scored.replies["model"].unique().sort().to_list()
    ['alpha', 'beta']
    """
    settings = settings or Settings()
    given = [sources] if isinstance(sources, str | Path | Recording) else sources
    bank = bank or questionnaire_of(one for one in given if not isinstance(one, Recording))
    counts = read_people(bank=bank) if counts is None else complete_counts(counts)
    recordings = [
        source if isinstance(source, Recording) else read_source(Path(source), counts, bank)
        for source in given
    ]
    replies = pl.concat([recording.replies for recording in recordings])
    if not (replies["status"] == "ok").any():
        raise NoDataError(
            f"{', '.join(recording.name for recording in recordings)}: {replies.height} replies, "
            "none of them a distribution: see their text in the table replies"
        )
    shown = frozenset[str]().union(*(recording.examples for recording in recordings))
    settings = replace(settings, exclude_items=shown.union(settings.exclude_items))
    settings = drawing_of_replies(settings, replies)
    provenance: dict[str, str] = {}
    for recording in recordings:
        provenance |= recording.provenance
        provenance |= _gaps(recording)
    return Evaluation(
        replies=replies,
        prompts=pl.concat([recording.prompts for recording in recordings]),
        counts=counts,
        bank=bank,
        excluded=shown,
        provenance=provenance
        | people_facts(counts, settings.wave, bank)
        | _provenance(settings, [i for i in bank.items if i in shown])
        | _said(_unscored(replies, counts, settings.wave)),
        settings=settings,
        examples_unknown=any(UNKNOWN_EXAMPLES in recording.unknown for recording in recordings),
        retest_counts=None if retest is None else complete_counts(retest),
    )


def _gaps(recording: Recording) -> dict[str, str]:
    """Say what was left out of a recording, and what is not known about it."""
    left_out = "; ".join(f"{n:,} {why}" for why, n in recording.left_out.items())
    said = {f"left out of {recording.name}": left_out} if left_out else {}
    return said | {
        f"{what} in {recording.name}": f"not known: {which}"
        for what, which in recording.unknown.items()
    }


def _provenance(settings: Settings, shown: Sequence[str]) -> dict[str, str]:
    return {
        "survey wave": "all" if settings.wave is None else str(settings.wave),
        "bootstrap": f"{settings.n_resamples} resamples of the {', '.join(settings.resample)}, "
        f"seed {settings.seed}",
        **(
            {"effective numbers of respondents": f"divided by {settings.design_effect:g}"}
            if settings.design_effect > 1
            else {}
        ),
        "items shown as examples, in no score": ", ".join(shown),
        "version of doxa": doxa.__version__,
    }


def _waves(settings: Settings) -> str:
    return "every wave" if settings.wave is None else f"wave {settings.wave}"


def _unscored(replies: pl.DataFrame, counts: pl.DataFrame, wave: int | None) -> dict[str, int]:
    fielded = counts if wave is None else counts.filter(wave=wave)
    known = fielded["country"].unique().implode()
    lost = replies.filter((pl.col("target") != "") & ~pl.col("target").is_in(known))
    return dict(lost.group_by("target").len().sort("target").iter_rows())


def _said(unscored: Mapping[str, int]) -> dict[str, str]:
    """Say how many replies are in no score because their country has no human counts."""
    if not unscored:
        return {}
    each = ", ".join(f"{n} towards {target}" for target, n in unscored.items())
    return {"replies steered towards countries without human counts, in no score": each}
