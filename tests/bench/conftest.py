from __future__ import annotations

import pytest

from doxa.bench import Sizes


@pytest.fixture(scope="session")
def small() -> Sizes:
    """Return a small amount of work."""
    return Sizes(pairs=200, groups=3, items=20, people=60, models=2, draws=20)
