"""Made-up answers of groups of people, and replies of personas of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from made_up import BANK

from doxa.evaluate import Evaluation, evaluate
from doxa.recorded import Recording
from doxa.store.record import REPLY_COLUMNS
from doxa.survey import check_counts

if TYPE_CHECKING:
    from collections.abc import Sequence

ITEMS = [one for one in BANK.items.values() if not one.scale.off_scale][:8]


def counts(ages: Sequence[str] = ("<30", "30-49", "50+"), n: float = 100.0) -> pl.DataFrame:
    """Made-up counts of Japan by sex and age, in which few are women of 50 or older."""
    rows = [
        {"survey": "WVS", "wave": 7, "country": "JPN", "question": item.id, "code": code,
         "sex": sex, "age": age, "weighted_n": n * (1 + (place + len(sex)) % 3),
         "n": 3.0 if (sex, age) == ("female", "50+") else n}
        for item in ITEMS for place, code in enumerate(item.scale.codes)
        for sex in ("male", "female") for age in ages
    ]  # fmt: skip
    return check_counts(pl.DataFrame(rows), "made up")


def recording(
    groups: Sequence[str] = ("sex=male", "sex=female"), *, none: bool = True
) -> Recording:
    asked = [("persona", "JPN", group) for group in groups]
    asked += [("none", "", ""), ("persona", "JPN", "")] if none else []
    rows = []
    for steering, target, group in asked:
        for item in ITEMS:
            codes = list(item.scale.all_codes)
            share = [1.0 + (len(group) + place) % 4 for place in range(len(codes))]
            rows.append(
                {"request_key": f"k{len(rows)}", "model": "m", "backend": "made-up",
                 "question": item.id, "language": "en", "steering": steering, "target": target,
                 "group": group, "wording": "a", "surface": "plain", "template": "a",
                 "option_order": "listed", "label_style": "numbers", "reasoning": "off", "draw": 0,
                 "elicitation": "logprobs", "status": "ok", "codes": codes,
                 "probabilities": [one / sum(share) for one in share], "text": "",
                 "thought_status": "none", "off_option_mass": 0.0}
            )  # fmt: skip
    frame = pl.DataFrame(rows, schema_overrides=dict(REPLY_COLUMNS))
    absent = [pl.lit(None, kind).alias(name) for name, kind in REPLY_COLUMNS.items()
              if name not in frame.columns]  # fmt: skip
    return Recording(frame.with_columns(absent).select(*REPLY_COLUMNS))


def evaluation(*groups: str, **given: bool) -> Evaluation:
    return evaluate(recording(groups or ("sex=male", "sex=female"), **given), counts(), BANK)
