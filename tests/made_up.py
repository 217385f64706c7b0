"""Made-up replies without meaning, of every kind that a table needs."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from doxa.analysis import Settings
from doxa.evaluate import Evaluation, evaluate
from doxa.questionnaire import QuestionBank
from doxa.recorded import Recording
from doxa.store.record import REPLY_COLUMNS
from doxa.survey import sample

BANK = QuestionBank.load()
ASKED = (
    ("en", "none", ""),
    ("ja", "none", ""),
    ("en", "persona", "JPN"),
    ("ja", "persona", "JPN"),
    ("en", "persona", "USA"),
    ("en", "time-6_persona", "JPN"),
    ("en", "time-6", ""),
)


def made_up_groups() -> tuple[pl.DataFrame, pl.DataFrame]:
    """Distributions of two personas and of no persona, and counts of Japan by sex."""
    rng = np.random.default_rng(5)
    japan = sample(wave=7).filter(pl.col("country") == "JPN")
    by_sex = pl.concat(
        japan.with_columns(pl.col("n", "weighted_n") * share, n_effective=pl.lit(500.0),
                           sex=pl.lit(sex))
        for sex, share in (("male", pl.when(pl.col("code") == 1).then(0.4).otherwise(0.6)),
                           ("female", pl.when(pl.col("code") == 1).then(0.6).otherwise(0.4)))
    )  # fmt: skip
    rows = [
        {"model": "m", "elicitation": "verbalized", "language": "en", "steering": steering,
         "target": "", "group": group, "reasoning": "off", "question": item.id,
         "codes": list(item.scale.codes), "off_scale_mass": 0.0, "n_replies": 1,
         "probabilities": rng.dirichlet(np.ones(len(item.scale.codes))).tolist()}
        for steering, group in
        (("none", ""), ("persona", "sex=female"), ("persona", "sex=male"))
        for item in list(BANK.items.values())[::4]
    ]  # fmt: skip
    return pl.DataFrame(rows).with_columns(pl.col("n_replies").cast(pl.UInt32)), by_sex


def made_up_replies() -> pl.DataFrame:
    """Two models, six conditions, two values of every other factor, 36 items."""
    rng = np.random.default_rng(11)
    rows = []
    for model in ("alpha", "beta"):
        for language, steering, target in ASKED:
            for question in list(BANK.items)[::4]:
                codes = BANK.items[question].scale.all_codes
                for template, order, draw, elicitation in (
                    *(("a", "listed", 0, "verbalized"), ("a", "reversed", 0, "verbalized")),
                    *(("b", "listed", 0, "verbalized"), ("a", "listed", 1, "verbalized")),
                    ("a", "listed", 0, "logprobs"),
                ):
                    rows.append(
                        {
                            "request_key": f"key-{len(rows)}",
                            "model": model,
                            "backend": "made-up",
                            "question": question,
                            "language": language,
                            "steering": steering,
                            "target": target,
                            "group": "",
                            "wording": "a",
                            "surface": "plain",
                            "template": template,
                            "option_order": order,
                            "label_style": "numbers",
                            "reasoning": "off",
                            "draw": draw,
                            "elicitation": elicitation,
                            "status": "refused" if draw and question == "Q5" else "ok",
                            "codes": list(codes),
                            "probabilities": rng.dirichlet(np.ones(len(codes))).tolist(),
                            "text": "",
                            "thought_status": "none",
                        }
                    )
    return pl.DataFrame(rows, schema=REPLY_COLUMNS)


@cache
def made_up_evaluation() -> Evaluation:
    """Evaluate the replies, with Q1 as an example; tables are made once for all tests."""
    recording = Recording(made_up_replies(), examples=frozenset({"Q1"}))
    return evaluate(recording, sample(), settings=Settings(n_resamples=50))
