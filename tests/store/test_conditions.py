from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doxa.errors import ExperimentError
from doxa.prompt import Condition

from .made import CARD, cell, reply

if TYPE_CHECKING:
    from doxa.store import Store


def test_conditions_come_back_whole(store: Store) -> None:
    conditions = (
        Condition("en", wave=6, n_examples=0),
        Condition("ja", "persona_time-5", "JPN", label_style="letters", option_order="seed:3"),
    )
    store.settle(conditions)
    store.settle(conditions[:1])
    assert tuple(store.conditions().values()) == conditions
    assert list(store.conditions())[1] == (
        "ja", "persona_time-5", "JPN", "", "a", "plain", "a", "seed:3", "letters", "off",
    )  # fmt: skip


@pytest.mark.parametrize("change", [{"n_examples": 3}, {"wave": 5}])
def test_one_condition_has_one_form(store: Store, change: dict[str, object]) -> None:
    first, other = Condition("en"), Condition("en", **change)  # type: ignore[arg-type]
    store.settle([first])
    store.settle([other])
    store.settle([first])
    store.plan(CARD, [(cell(1), "k1", 0)])
    store.add(CARD, reply("k1"))
    [name] = change
    with pytest.raises(ExperimentError, match=f"{name} = .* in en.* give it another folder"):
        store.settle([Condition("ja", n_examples=1), other])
    assert list(store.conditions().values()) == [first]
    store.settle([first, Condition("ja", **change)])  # type: ignore[arg-type]
