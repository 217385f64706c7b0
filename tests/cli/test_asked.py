from __future__ import annotations

from doxa.cli.asked import asked


def test_only_what_was_given_becomes_a_key() -> None:
    assert asked() == {}
    assert asked(languages="en, ja", questions="4", reasoning=["off", "512,64"], draws=3) == {
        "languages": ["en", "ja"],
        "items": 4,
        "reasoning": ["off", "512", "64"],
        "settings": {"draws": 3},
    }
    assert asked(questions="Q1,Q2")["items"] == ["Q1", "Q2"]


def test_groups_and_grids_become_one_key_and_keep_their_commas() -> None:
    given = asked(persona=["sex=female,age=60+", "sex=male"], personas=["sex x age:30,60"])
    assert given == {"personas": ["sex=female,age=60+", "sex=male", "sex x age:30,60"]}
