from __future__ import annotations

import pytest

from doxa.bench import Sizes


@pytest.fixture(scope="session")
def small() -> Sizes:
    """Return as little work as shows that it is done."""
    return Sizes(pairs=200, groups=3, items=20, people=60, models=2, draws=20)
