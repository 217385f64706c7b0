from __future__ import annotations

import pytest

from doxa.elicit import ElicitationSettings
from doxa.errors import ExperimentError


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("verbalized", "strict"),
        ("draws", 0),
        ("draws", 10_001),
        ("retries", 101),
        ("seed", 2**63),
        ("temperature", 1e-38),
        ("temperature", float("nan")),
        ("max_tokens", True),
    ],
)
def test_settings_out_of_range_are_named(name: str, value: object) -> None:
    with pytest.raises(ExperimentError, match=name):
        ElicitationSettings(**{name: value})


def test_the_defaults_are_in_range() -> None:
    settings = ElicitationSettings()
    assert settings.verbalized == "constrained"
    assert (settings.draws, settings.temperature, settings.retries) == (10, 1.0, 0)
