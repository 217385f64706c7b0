"""Respondents drawn as whole persons, where their answers are at hand, not counts alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from doxa.score import score_sample

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from doxa.analysis.parts.settings import Settings
    from doxa.distribution import HasItems
    from doxa.score import ResampleSource
    from doxa.survey import Microdata

__all__ = ["WHOLE", "WholeRespondents", "whole_respondents"]

WHOLE: Final = "whole respondents drawn"
"""The note of rows whose people were drawn so."""

_ANSWERS: Final = 250
"""Codes from here on are no answers."""


def whole_respondents(settings: Settings, bank: HasItems) -> WholeRespondents | None:
    """Give the people whose answers the settings have, if they are to be drawn, and can be.

    They are drawn with the items or alone; with replies or forms, people are drawn from counts.
    """
    sources = {*settings.resample}
    if settings.respondents is None or "respondents" not in sources:
        return None
    fit = sources <= {"items", "respondents"}
    return WholeRespondents(settings.respondents, bank) if fit else None


class WholeRespondents:
    """The respondents of some populations, to be drawn with all their answers.

    A person's answers are correlated, so the errors of items are; drawing item by item, from
    counts, leaves that out.

    Parameters
    ----------
    microdata : Microdata
        As `doxa.survey.read_survey` gives it.
    bank : QuestionBank or other HasItems
        The items, with their scales.
    """

    def __init__(self, microdata: Microdata, bank: HasItems) -> None:
        self._microdata, self._bank = microdata, bank
        self._columns = {item.id: place for place, item in enumerate(microdata.items)}
        self._keys = [c for c in microdata.populations.columns if c not in ("start", "stop")]

    def groups_of(self, rows: pl.DataFrame, group: str) -> set[int]:
        """Name the groups all of whose rows are of these people."""
        if any(key not in rows.columns for key in self._keys):
            return set()
        known = rows.select(group, "question", *self._keys).join(
            self._microdata.populations.select(self._keys).with_columns(_held=pl.lit(value=True)),
            on=self._keys, nulls_equal=True, how="left", maintain_order="left",
        )  # fmt: skip
        held = pl.col("_held").fill_null(value=False)
        whole = known.group_by(group).agg(
            (held & pl.col("question").is_in([*self._columns])).all().alias("whole")
        )
        return set(whole.filter("whole")[group].to_list())

    def replicates(
        self, rows: pl.DataFrame, group: str, settings: Settings, resample: Sequence[ResampleSource]
    ) -> dict[int, NDArray[np.float64]]:
        """Draw the people anew, and score the rows against them.

        Parameters
        ----------
        rows : polars.DataFrame
            `question`, `probabilities`, the populations' keys and the group; of groups that
            `groups_of` names, all with the same items.
        group : str
            The column of groups.
        settings : Settings
            Replicates, confidence and seed.
        resample : sequence of {"items", "respondents"}
            What is drawn.

        Returns
        -------
        dict of int to (n_resamples,) ndarray
            The draws of items are those of a batch over the same items from counts.
        """
        found: dict[int, NDArray[np.float64]] = {}
        numbered = self._microdata.populations.with_row_index("_population")
        for row in numbered.iter_rows(named=True):
            own = rows.filter(
                pl.all_horizontal(pl.col(key).eq_missing(row[key]) for key in self._keys)
            )
            if not own.is_empty():
                part = slice(row["start"], row["stop"])
                found |= self._drawn(own, group, settings, resample, (row["_population"], part))
        return found

    def _drawn(
        self,
        rows: pl.DataFrame,
        group: str,
        settings: Settings,
        resample: Sequence[ResampleSource],
        population: tuple[int, slice],
    ) -> dict[int, NDArray[np.float64]]:
        number, part = population
        names = sorted(rows["question"].unique())
        items = [self._microdata.items[self._columns[name]] for name in names]
        places = {name: place for place, name in enumerate(names)}
        scales = [self._bank.items[name].scale for name in rows["question"]]
        on_scale = [len(self._bank.items[name].scale.codes) for name in names]
        codes = self._microdata.codes[part][:, [self._columns[name] for name in names]]
        design: dict[str, Any] = {}
        if self._microdata.design is not None:
            design["strata"] = pl.Series(self._microdata.design.strata[part])
            design["clusters"] = pl.Series(self._microdata.design.clusters[part])
        batch = score_sample(
            [np.array(shares) for shares in rows["probabilities"]],
            np.asfortranarray(codes),
            items=[places[name] for name in rows["question"]],
            n_options=on_scale,
            n_off_scale=[
                min(len(item.known_codes), _ANSWERS) - own
                for item, own in zip(items, on_scale, strict=True)
            ],
            scale=[scale.kind for scale in scales],
            positions=[scale.positions for scale in scales],
            groups=rows[group].to_list(),
            weights=self._microdata.weights[part],
            sample=number,
            resample=resample,
            **design,
            **settings.draws,
        )
        return dict(zip(batch.groups["group"].to_list(), batch.replicates(), strict=True))
