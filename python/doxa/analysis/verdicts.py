"""Whether the replies of a way of asking vary with the question, or are no opinion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl

from doxa.analysis.opinion import MEASURES, WAY, opinion_measures
from doxa.analysis.parts.settings import DEFAULTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doxa.analysis.parts.settings import Settings
    from doxa.questionnaire import QuestionBank

__all__ = ["VARY", "reply_verdicts", "verdicts_of"]

VARY: Final = "replies vary with the question"

MOST: Final = 0.5
"""From this share of replies on, all mass on one option, or the same shares, are no opinion."""
ONE_PLACE: Final = 0.8
"""From this share of replies on, the favourite stands in one place."""
COPIES: Final = 0.1
"""From this share of replies on, examples are copied."""
POSITION: Final = 0.25
"""From this low end of a gain on, a place is favoured wherever it stands."""
HOLDS: Final = 1 / 3
"""Below this high end, what sets items apart does not hold when the options are reordered."""
_LEAST_ITEMS: Final = 5

_Row = dict[str, Any]


def reply_verdicts(
    replies: pl.DataFrame,
    bank: QuestionBank,
    prompts: pl.DataFrame | None = None,
    *,
    settings: Settings = DEFAULTS,
) -> pl.DataFrame:
    """Judge whether the replies of each way of asking vary with the question, or are no opinion.

    Parameters
    ----------
    replies, bank, prompts, settings
        As in `doxa.analysis.opinion.opinion_measures`.

    Returns
    -------
    polars.DataFrame
        One row per way of asking (model, elicitation, language, steering and reasoning): these
        keys, `sound` (Boolean; null where it cannot be told: fewer than five items, too few to see
        whether answers hold when the options are reordered, or one order in which nearly all
        favourites stand in one place), `verdict`, and `caution`
        (that a single order leaves position open; "" for nothing).

    Examples
    --------
    >>> reply_verdicts(replies, bank).columns[-3:]
    ['sound', 'verdict', 'caution']
    """
    return verdicts_of(opinion_measures(replies, bank, prompts, settings=settings))


def verdicts_of(measures: pl.DataFrame) -> pl.DataFrame:
    """Judge each way of asking by its measures, as `opinion_measures` gives them."""
    rows = []
    for part in measures.partition_by(WAY, maintain_order=True):
        found = {row["measure"]: row for row in part.iter_rows(named=True)}
        rows.append((*part.select(WAY).row(0), *_judged(found)))
    schema = dict.fromkeys(WAY, pl.String) | {
        "sound": pl.Boolean, "verdict": pl.String, "caution": pl.String,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def _judged(found: Mapping[str, _Row]) -> tuple[bool | None, str, str]:
    whole, place, copies, same, first, last, holds = (found[name] for name in MEASURES)
    if not whole["n"]:
        return False, "no opinion: no usable reply", ""
    one_order = holds["estimate"] is None and first["estimate"] is None
    caution = "asked in one order: position cannot be told from opinion" if one_order else ""
    reasons = [*_copies(copies), *_alike(same), *_position(first, last)]
    if (holds["high"] is not None and holds["high"] < HOLDS) and not reasons:
        reasons.append(
            f"the answers do not hold when the options are reordered (agreement {_number(holds)})"
        )
    reasons += _one_option(whole, place, holds, one_order)
    if reasons:
        return False, f"no opinion: {'; '.join(reasons)}", caution
    if whole["n_items"] < _LEAST_ITEMS:
        return None, "not judged: fewer than five items", caution
    if one_order and (place["estimate"] or 0.0) >= ONE_PLACE:
        where = f"{place['note']} is the favourite in {_of(place)}"
        return None, f"not judged: {where}, asked in one order", caution
    if not one_order and (holds["low"] or 0.0) <= 0:
        return None, "not judged: too few items to see whether answers hold in another order", ""
    return True, VARY, caution


def _copies(copies: _Row) -> list[str]:
    if (copies["estimate"] or 0.0) < COPIES:
        return []
    return [f"an example copied in {_of(copies)}"]


def _alike(same: _Row) -> list[str]:
    return [f"the same shares in {_of(same)}"] if (same["low"] or 0.0) >= MOST else []


def _position(first: _Row, last: _Row) -> list[str]:
    for row, name in ((first, "first"), (last, "last")):
        if (row["low"] or 0.0) >= POSITION:
            return [
                f"the {name} option favoured wherever it stands (it gains {_number(row)} by it)"
            ]
    return []


def _one_option(whole: _Row, place: _Row, holds: _Row, one_order: bool) -> list[str]:
    """Say that replies put everything on one option, unless that option holds in all orders."""
    if (whole["estimate"] or 0.0) < MOST or (holds["low"] or 0.0) >= MOST:
        return []
    stated = whole["elicitation"] == "verbalized"
    stuck = (place["estimate"] or 0.0) >= ONE_PLACE
    if one_order and not (stated or stuck):
        return []
    where = f", {place['note']} in {_of(place)}" if stuck else ""
    return [f"all on one option in {_of(whole)}{where}"]


def _of(row: _Row) -> str:
    return f"{round(row['estimate'] * row['n']):,} of {row['n']:,} replies"


def _number(row: _Row) -> str:
    ends = "" if row["low"] is None else f" [{row['low']:.2f}, {row['high']:.2f}]"
    return f"{row['estimate']:.2f}{ends}".replace("-", "−")
