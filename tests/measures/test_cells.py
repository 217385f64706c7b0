from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import popfidelity
import pytest
from analysis.made_models import blend, model_from

from doxa.analysis import Settings
from doxa.measures import group_spread, measure_table
from measures.peer import cells

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank

COUNTRIES = ("BGD", "COL", "JPN", "USA")
FEW = Settings(n_resamples=50)


def moved(human: pl.DataFrame) -> pl.DataFrame:
    """A model that mixes up two countries and knows each only in part."""
    others = dict(zip(COUNTRIES, ("COL", "BGD", "JPN", "USA"), strict=True))
    return pl.concat([
        blend(model_from(human, others[c], steering="persona", target=c), 0.1 * place)
        for place, c in enumerate(COUNTRIES)
    ])  # fmt: skip


def by_item(human: pl.DataFrame, model: pl.DataFrame, bank: QuestionBank) -> dict[str, tuple]:
    people = human.filter(wave=7)
    shares = {
        side: {(c, q): p for c, q, p in frame.select(key, "question", "probabilities").rows()}
        for side, frame, key in (("human", people, "country"), ("model", model, "target"))
    }
    return {
        q: tuple(np.array([shares[side][c, q] for c in COUNTRIES]) for side in ("human", "model"))
        for q in bank.items
    }


def test_fidelity_over_countries_agrees_with_popfidelity(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    model = moved(human)
    even = [
        q for q, item in bank.items.items()
        if item.scale.kind == "ordinal" and len(set(np.diff(item.scale.positions))) == 1
    ]  # fmt: skip
    model = model.filter(pl.col("question").is_in(even))
    table = measure_table(model, human, bank, measures="pfs", settings=FEW)
    found = dict(table.select("measure", "estimate").iter_rows())
    rule = popfidelity.Variant(round_pairs=12)
    theirs = [
        popfidelity.score(cells(people), cells(answers), rule)
        for q, (people, answers) in by_item(human, moved(human), bank).items()
        if q in even
    ]
    parts = ("accuracy", "adaptability", "structure", "center")
    means = {part: np.mean([one[f"score_{part}"] for one in theirs]) for part in parts}
    for part in parts:
        assert found[f"pfs_{part}"] == pytest.approx(means[part], abs=1e-9)
    frame = popfidelity.across_questions(
        __import__("pandas").DataFrame(theirs).assign(question=even, all="all"), ["all"]
    )
    assert found["pfs"] == pytest.approx(frame["pfs"][0], abs=1e-9)
    product = means["accuracy"] * means["adaptability"] * means["structure"]
    assert found["pfs_of_means"] == pytest.approx(np.cbrt(product))
    binding = table.filter(measure="pfs_binding").row(0, named=True)
    assert binding["estimate"] == pytest.approx(min(means[part] for part in parts[:3]))
    assert binding["note"].startswith(frame["binding_component"][0])
    assert table["n_cells"].unique().to_list() == [4]


def test_between_and_within_groups_agree_with_their_function(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    table = measure_table(moved(human), human, bank, measures="groups", settings=FEW)
    found = dict(table.select("measure", "estimate").iter_rows())
    spreads = [
        [group_spread(side, positions=bank.items[q].scale.positions) for side in sides]
        for q, sides in by_item(human, moved(human), bank).items()
        if bank.items[q].scale.kind == "ordinal"
    ]
    for measure, part in (
        ("between_group_ratio", "between"), ("within_group_ratio", "within"),
        ("gap_inflation", "gap"),
    ):  # fmt: skip
        people, model = np.array([[getattr(s, part) for s in sides] for sides in spreads]).T
        assert found[measure] == pytest.approx(model.mean() / people.mean())
    apart = [model.eta_squared - people.eta_squared for people, model in spreads]
    assert found["eta_squared_difference"] == pytest.approx(np.mean(apart))
    assert found["between_group_ratio"] < 1  # blending flattens


def test_two_cells_have_no_structure(human: pl.DataFrame, bank: QuestionBank) -> None:
    two = moved(human).filter(pl.col("target") > "COL")
    table = measure_table(two, human, bank, measures="pfs", settings=FEW)
    row = table.filter(measure="pfs_structure").row(0, named=True)
    assert row["estimate"] is None
    assert row["note"] == "fewer than three cells: no structure"


def test_groups_within_a_country_are_cells(human: pl.DataFrame, bank: QuestionBank) -> None:
    """People of three countries stand for three groups of one; a model was asked as each."""
    names = {"COL": "sex=female", "JPN": "sex=male", "USA": "age=60+"}
    people = human.filter(pl.col("country").is_in(list(names)), wave=7).with_columns(
        people=pl.col("country").replace_strict(names), country=pl.lit("JPN")
    )
    model = pl.concat([
        blend(model_from(human, c, steering="persona", target="JPN", group=group), 0.2)
        for c, group in names.items()
    ])  # fmt: skip
    table = measure_table(model, people, bank, settings=FEW)
    cell = table.filter(pl.col("set").is_in(["pfs", "groups"]))
    assert set(cell["country"]) == {"JPN"}
    assert set(cell["people"]) == set(cell["group"]) == {"all"}
    assert set(cell["n_cells"]) == {3}
    assert cell.filter(measure="pfs_structure")["estimate"].item() > 0.99
    own = table.filter(measure="opinionqa_representativeness")
    assert own.select("group", "people", "country").rows() == [("all", "all", "all")]
    expected = measure_table(
        blend(pl.concat([model_from(human, c, steering="persona", target=c) for c in names]), 0.2),
        human, bank, measures="opinionqa_representativeness", settings=FEW,
    )  # fmt: skip
    assert own["estimate"].item() == pytest.approx(expected["estimate"].item())
