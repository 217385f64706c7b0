from __future__ import annotations

import pytest
from made_up import BANK
from made_up_groups import ITEMS, counts, evaluation, recording

from doxa.errors import InvalidArgumentError, NoDataError
from doxa.evaluate import evaluate, make_table, make_tables
from doxa.evaluate.account import account_for
from doxa.evaluate.people import add_to_world
from doxa.evaluate.personas import groups_of, keep_personas, unscored_groups
from doxa.evaluate.tables import OF_PERSONAS


def test_each_table_of_personas_is_made() -> None:
    scored = evaluation()
    assert groups_of(scored.replies) == ["sex=male", "sex=female"]
    assert make_table(scored, "personas")["group"].to_list() == ["sex=female", "sex=male"]
    assert make_table(scored, "persona_targeting").height == 8
    mixture = make_table(scored, "persona_mixture")
    assert mixture["coverage"].unique().to_list() == [1.0]
    assert make_table(scored, "flattening")["variable"].to_list() == ["sex"]


def test_personas_of_groups_are_in_no_table_of_countries() -> None:
    scored = evaluation()
    assert scored.alignment.select("steering", "group").unique().height == 2
    assert set(make_table(scored, "scores")["condition"]) == {"logprobs", "persona_logprobs"}
    alone = evaluation(none=False)
    assert make_table(alone, "personas").height == 2
    assert alone.rounding is None
    with pytest.raises(NoDataError, match="every reply is of a persona of a group: score these"):
        make_table(alone, "alignment")


def test_the_country_is_that_of_the_groups_file_and_not_what_is_shipped() -> None:
    own = counts()
    both = add_to_world(own)
    scored = evaluate(recording(), both, BANK)
    assert make_table(scored, "persona_mixture")["country"].unique().to_list() == ["JPN"]
    people = scored.persona_sides[1].filter(people="", country="JPN")
    n = own.filter(question=ITEMS[0].id, code=ITEMS[0].scale.codes[0])["n"].sum()
    total = people.filter(question=ITEMS[0].id)["n"].item()
    assert total > n
    assert total == own.filter(question=ITEMS[0].id)["n"].sum()


def test_personas_are_kept_by_their_variables() -> None:
    asked = recording(("sex=male", "age=50+", "sex=male,age=50+"))
    (kept,) = keep_personas([asked], ["sex"])
    assert groups_of(kept.replies) == ["sex=male"]
    assert kept.replies.filter(group="").height == 2 * len(ITEMS)
    (kept,) = keep_personas([asked], ["age", "sex"])
    assert len(groups_of(kept.replies)) == 3
    with pytest.raises(NoDataError, match="by income: these are of age; sex; sex, age"):
        keep_personas([asked], ["income"])
    with pytest.raises(NoDataError, match="by sex, age: ask with --personas sex×age"):
        keep_personas([recording(())], ["sex", "age"])
    with pytest.raises(InvalidArgumentError, match="no variable 'region' of groups: there are sex"):
        keep_personas([asked], ["region"])


def test_personas_without_people_are_told_and_accounted_for() -> None:
    scored = evaluation("sex=male", "sex=female,age=50+", "age=60+")
    few, none = unscored_groups(scored.persona_sides[1], scored.replies, 7)
    assert "fewer than 30 effective respondents: JPN sex=female,age=50+ (12)" in few
    assert "there are no answers of their group: JPN age=60+; import" in none
    whole = evaluation()
    assert unscored_groups(whole.persona_sides[1], whole.replies, 7) == []
    (account,) = account_for([recording(("sex=male", "sex=female,age=50+", "age=60+"))], scored)
    assert account.parts == {
        "scored": 3 * len(ITEMS),
        "of personas whose group has no answers, or too few people": 2 * len(ITEMS),
    }


def test_tables_of_personas_are_told_apart() -> None:
    assert set(OF_PERSONAS) == {"personas", "persona_targeting", "persona_mixture", "flattening"}
    without = evaluate(recording(()), counts(), BANK)
    assert not {*OF_PERSONAS} & {*make_tables(without)}
