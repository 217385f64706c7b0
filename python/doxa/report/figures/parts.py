"""What the report's figures on disk share: what they are drawn from, panels, frames."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from doxa.analysis.parts.pairs import population_keys
from doxa.report.maps import world
from doxa.report.palette import LIGHT, chart_config
from doxa.report.summary import survey_name
from doxa.report.tables import conditions_of, drawn_effects, in_order, told_apart
from doxa.report.words import Names, elicitation_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import polars as pl

    from doxa.evaluate import Evaluation
    from doxa.report.tables import ShownCondition

    Figure = tuple[str, dict[str, Any]]
    Maker = Callable[["Shown"], Iterator[Figure]]

__all__ = ["MOST_PANELS", "Shown", "on_map", "panel", "place_of", "values_of", "whole"]

MOST_PANELS: Final = 8
"""Of more countries a figure has one ranked panel, not a panel each."""

_WIDTH: Final = 520
_MAP: Final = (900, 420)


@dataclass(frozen=True)
class Shown:
    """Hold what figures are drawn from.

    Parameters
    ----------
    evaluation : Evaluation
        As `doxa.evaluate.evaluate` gives it.
    """

    evaluation: Evaluation

    @cached_property
    def names(self) -> Names:
        """What countries and languages are called."""
        return Names(self.evaluation.bank)

    @cached_property
    def _told_apart(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        groups = population_keys(self.evaluation.human_waves)[3:]
        effects = self.evaluation.steering
        return (
            told_apart(self.evaluation.alignment, groups),
            told_apart(drawn_effects(effects), groups) if effects.width else effects,
        )

    @cached_property
    def conditions(self) -> Sequence[ShownCondition]:
        """Every condition of the alignments, the effects and the replies."""
        frames = [*self._told_apart, self.evaluation.replies]
        return conditions_of([frame for frame in frames if frame.width], self.names)

    @cached_property
    def alignment(self) -> pl.DataFrame:
        """Alignments in the page's order."""
        return in_order(self._told_apart[0], self.conditions, self.names)

    @cached_property
    def effects(self) -> pl.DataFrame:
        """What each steering changes, in the page's order; without rows if that can't be told."""
        effects = self._told_apart[1]
        return in_order(effects, self.conditions, self.names) if effects.height else effects

    def said(self, **told: object) -> str:
        """Say whose answers a figure shows, beside whom, and how sure its intervals are.

        Parameters
        ----------
        **told
            The `model`, the `elicitation` and the `wave` of all that the figure shows, as far as
            they are the same; None is left out.
        """
        who = [str(told["model"])] if told.get("model") else []
        if told.get("elicitation"):
            who.append(elicitation_name(str(told["elicitation"])))
        people = survey_name(self.evaluation.human_waves["survey"].unique().sort().to_list())
        if told.get("wave") is not None:
            people += f" wave {told['wave']}"
        level = f"{100 * self.evaluation.settings.confidence:g}% intervals"
        return "; ".join(part for part in (", ".join(who), people, level) if part)


def values_of(group: pl.DataFrame, *keys: str) -> tuple[object, ...]:
    """Take the values that all rows of a group share."""
    return group.select(keys).row(0)


def panel(
    specification: dict[str, Any], rows: list[dict[str, Any]], title: str | None
) -> dict[str, Any]:
    """Fill a chart of the page with its rows, to stand alone or below others."""
    specification.pop("autosize")
    specification.pop("$schema")
    filled = specification | {"width": _WIDTH, "data": {"values": rows}}
    for layer in filled.get("layer", ()):
        layer.pop("data", None)
    if title:
        filled["title"] = {"text": title, "offset": 16, "anchor": "start", "frame": "group"}
    return filled


def place_of(country: str) -> dict[str, float | None]:
    """Give the place of a country that is too small for an outline; nothing of the others."""
    longitude, latitude = world()["points"].get(country) or (None, None)
    return {"longitude": longitude, "latitude": latitude}


def on_map(specification: dict[str, Any], rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Fill a map of the page with its rows."""
    width, height = _MAP
    data = {"rows": rows, "world": world()}
    return specification | {"datasets": data, "width": width, "height": height}


def whole(specification: dict[str, Any], title: str, said: str) -> dict[str, Any]:
    """Add what a figure needs to stand alone: a title, what it shows, colours, room around it."""
    config = chart_config(LIGHT) | {"background": LIGHT["page"]}
    above = {"text": title, "subtitle": said, "offset": 16, "subtitlePadding": 4}
    if "vconcat" in specification:
        above["anchor"] = "start"
    return specification | {"config": config, "padding": 12, "spacing": 28, "title": above}
