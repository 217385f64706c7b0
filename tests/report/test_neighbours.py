from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from doxa.report.neighbours import asked_as, similar_together
from doxa.report.pack import unpack
from doxa.report.tables import conditions_of
from doxa.report.words import Names
from doxa.score import score_batch

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank


def people(bank: QuestionBank, places: dict[str, float]) -> pl.DataFrame:
    """Invent countries that lie on a line: the share of an item's first option."""
    return pl.DataFrame(
        [
            {
                "country": country,
                "question": item,
                "wave": 7,
                "probabilities": [place, *[0.0] * (len(codes) - 2), 1 - place],
            }
            for country, place in places.items()
            for item in bank.spread(4)
            for codes in [bank.items[item].scale.codes]
        ]
    )


def test_countries_that_answer_alike_stand_together(bank: QuestionBank) -> None:
    human = people(bank, {"JPN": 0.9, "ARG": 0.1, "USA": 0.5, "COL": 0.15, "DEU": 0.85})
    order = similar_together(human, bank)
    assert sorted(order) == ["ARG", "COL", "DEU", "JPN", "USA"]
    for one, other in (("ARG", "COL"), ("DEU", "JPN")):
        assert abs(order.index(one) - order.index(other)) == 1


def test_asked_as_gives_the_mean_alignment(
    frames: dict[str, pl.DataFrame], bank: QuestionBank
) -> None:
    model, human = frames["model_distributions"], frames["human_distributions"]
    conditions = conditions_of([model], Names(bank))
    index, blocks = asked_as(model, human, conditions, bank)
    assert index is not None
    assert sorted(index["order"]) == ["COL", "JPN", "USA"]
    assert [part["elicitation"] for part in index["parts"]] == ["logprobs", "verbalized"]
    planes = np.frombuffer(unpack(blocks["asked-as-1"]), np.uint8).reshape(4, -1)
    found = (planes.T.copy().view("<u4").reshape(-1, 3).astype(float) - 1) / 1000
    for line, number in enumerate(index["parts"][1]["conditions"]):
        asked = conditions[number]
        own = model.filter(
            elicitation="verbalized",
            steering=asked.steering,
            target=asked.target,
            language=asked.language,
        )
        for column, country in enumerate(index["order"]):
            both = own.join(human.filter(country=country), on="question")
            scales = [bank.items[item].scale for item in both["question"]]
            batch = score_batch(
                both["probabilities"],
                both["probabilities_right"],
                scale=[scale.kind for scale in scales],
                positions=[list(scale.positions) for scale in scales],
            )
            assert abs(found[line, column] - float(batch.scores["alignment"].mean())) <= 0.0005


def test_a_model_asked_as_nobody_has_no_neighbours(
    frames: dict[str, pl.DataFrame], bank: QuestionBank
) -> None:
    model = frames["model_distributions"].filter(steering="none")
    conditions = conditions_of([model], Names(bank))
    assert asked_as(model, frames["human_distributions"], conditions, bank) == (None, {})
