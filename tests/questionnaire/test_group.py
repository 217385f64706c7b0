from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doxa.errors import ExperimentError
from doxa.questionnaire.group import (
    AGE,
    CATEGORIES,
    Band,
    age_band,
    cut_ages,
    expand_groups,
    group_name,
    parse_group,
    text_key,
    variables_of,
)

AGES = st.tuples(st.integers(0, 120), st.integers(0, 120)).map(lambda ends: Band(*sorted(ends)))
GROUPS = st.fixed_dictionaries(
    {}, optional={
        name: AGES.map(str) if name == AGE else st.sampled_from(categories)
        for name, categories in CATEGORIES.items()
    },
)  # fmt: skip


@given(AGES)
def test_a_band_of_ages_is_read_as_it_is_written(band: Band) -> None:
    assert age_band(str(band)) == band


@given(GROUPS, st.randoms(use_true_random=False))
def test_a_group_has_one_text_however_it_is_written(group: dict[str, str], random: object) -> None:
    pairs = list(group.items())
    random.shuffle(pairs)  # type: ignore[attr-defined]
    written = " , ".join(f"{name} = {category.upper()}" for name, category in pairs)
    canonical = group_name(parse_group(written))
    assert dict(parse_group(canonical)) == group
    assert group_name(parse_group(canonical)) == canonical
    assert variables_of(canonical) == tuple(name for name in CATEGORIES if name in group)


@given(st.sets(st.integers(1, 119), min_size=1, max_size=5))
def test_bands_between_cuts_hold_every_age_once(cuts: set[int]) -> None:
    bands = [age_band(one) for one in cut_ages(sorted(cuts))]
    ages = [age for band in bands if band for age in range(band.first, band.last + 1)]
    assert ages == list(range(121))


@given(st.lists(st.sampled_from([*CATEGORIES]), min_size=1, max_size=3, unique=True),
       st.sampled_from(["x", " x ", "×", " × "]))  # fmt: skip
def test_a_grid_is_every_combination(names: list[str], times: str) -> None:
    ordered = [name for name in CATEGORIES if name in names]
    expected = [
        group_name(zip(ordered, each, strict=True))
        for each in itertools.product(*(CATEGORIES[name] for name in ordered))
    ]
    assert expand_groups([times.join(names)]) == expected


def test_grids_cut_ages_and_groups_are_listed_once() -> None:
    assert expand_groups(["sex×age:60", "age=60+, sex=MALE"]) == [
        "sex=male,age=<60", "sex=male,age=60+", "sex=female,age=<60", "sex=female,age=60+",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gender=male", "no variable 'gender': write one of sex, age, education"),
        ("sex=man", "no sex 'man': there are male; female"),
        ("sex=male,sex=female", "sex is there twice"),
        ("age=old", r"no age 'old': write 60\+, 30-59 or <30"),
        ("age=40-30", "no age '40-30'"),
        ("age=130+", "no age"),
        ("", "write a group, such as"),
        ("sexage", "write a group, such as .* or a grid of sex"),
        ("sex x sex", "sex is there twice"),
        ("income:4,7", "only ages can be cut"),
        ("age:60,30", "write increasing whole years"),
        ("sex x religion x town_size x employment x children", "personas of 1,800 groups"),
    ],
)
def test_what_is_no_group_is_told_with_a_remedy(text: str, message: str) -> None:
    with pytest.raises(ExperimentError, match=message):
        expand_groups([text])


def test_every_category_has_a_key_of_its_own() -> None:
    for categories in CATEGORIES.values():
        keys = {text_key(one) for one in categories}
        assert len(keys) == len(categories)
        assert "name" not in keys
