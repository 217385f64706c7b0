"""Time the whole table of measures: 10 models asked as 65 countries, 144 items, 1,000 replicates.

Run: python benches/measures.py [models] [countries]

Answers are made up, in two orders of the options; each model was steered towards every country. The
table has a row for each model, country and measure. What is printed are the seconds of the whole
table, three times, and of each set of measures alone; and those of the processors, which say what a
busy machine would take if it were idle.
"""

from __future__ import annotations

import os
import sys
import time

import numpy as np
import polars as pl

from doxa.analysis import Settings
from doxa.distribution import model_distributions
from doxa.measures import chosen_measures, list_measures, measure_table
from doxa.questionnaire import QuestionBank

MODELS, COUNTRIES = (int(number) for number in (sys.argv[1:] + ["10", "65"][len(sys.argv) - 1 :]))
BANK = QuestionBank.load()
ORDERS = ("listed", "reversed")


def people(rng: np.random.Generator, names: list[str]) -> pl.DataFrame:
    """Return what the people of each country answered, to every item."""
    rows = [
        (country, question, list(item.scale.codes),
         rng.dirichlet(np.full(len(item.scale.codes), 2.0)).tolist())
        for country in names
        for question, item in BANK.items.items()
    ]  # fmt: skip
    frame = pl.DataFrame(
        rows, schema=["country", "question", "codes", "probabilities"], orient="row"
    )
    return frame.select(
        pl.lit("made-up").alias("survey"), pl.lit(7).alias("wave"), "country", "question", "codes",
        "probabilities", off_scale_mass=0.0, n=1000, n_effective=900.0, weighted=True,
        source=pl.lit(""), rounding=None,
    )  # fmt: skip


def replies(rng: np.random.Generator, human: pl.DataFrame) -> pl.DataFrame:
    """Return replies of each model as each country, half of it what people there answered."""
    frames = []
    for model in range(MODELS):
        for order in ORDERS:
            mixed = [
                (0.5 * np.array(p) + 0.5 * rng.dirichlet(np.ones(len(p)))).tolist()
                for p in human["probabilities"]
            ]
            off = [len(BANK.items[q].scale.off_scale) for q in human["question"]]
            frames.append(
                human.select(
                    "question", target="country", model=pl.lit(f"model {model}"),
                    elicitation=pl.lit("verbalized"), language=pl.lit("en"),
                    steering=pl.lit("persona"), template=pl.lit("a"), reasoning=pl.lit("off"),
                    option_order=pl.lit(order), draw=pl.lit(0), status=pl.lit("ok"),
                    request_key=pl.lit("k"), off_option_mass=0.0,
                    codes=pl.Series([BANK.items[q].scale.all_codes for q in human["question"]],
                                    dtype=pl.List(pl.Int64)),
                    probabilities=pl.Series(
                        [p + [0.0] * n for p, n in zip(mixed, off, strict=True)]
                    ),
                )
            )  # fmt: skip
    return pl.concat(frames)


def timed(
    model: pl.DataFrame, human: pl.DataFrame, given: pl.DataFrame, names: list[str]
) -> tuple[float, float]:
    """Return the seconds that a table takes, and those of processors."""
    start, spent = time.perf_counter(), time.process_time()
    table = measure_table(
        model, human, BANK, replies=given, measures=names, by_country=True, settings=Settings()
    )
    assert table.height
    return time.perf_counter() - start, time.process_time() - spent


def main() -> None:
    rng = np.random.default_rng(1)
    human = people(rng, [f"C{number:02d}" for number in range(COUNTRIES)])
    given = replies(rng, human)
    model = model_distributions(given, BANK)
    every = [name for name in chosen_measures("all") if name not in _NEEDING_UNSTEERED]
    print(f"{MODELS} models x {COUNTRIES} countries x {len(BANK.items)} items, 1,000 replicates")
    told = [("all of them", every)] * 3
    for name in list_measures().filter(table="measures")["set"].unique(maintain_order=True):
        told.append((name, [one for one in chosen_measures(name) if one in every]))
    for name, chosen in told:
        wall, spent = timed(model, human, given, chosen)
        print(f"  {name:20s} {wall:6.2f} s, of processors {spent:6.2f} s", flush=True)
    print(f"  load {os.getloadavg()[0]:.1f}")


_NEEDING_UNSTEERED = ("opinionqa_consistency",)

if __name__ == "__main__":
    main()
