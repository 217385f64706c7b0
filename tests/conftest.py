from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says how busy the machine is, and nothing about the code. The suite's
# examples are the same at every run; `make explore` draws others, and EXPLORED times as many.
EXPLORED = 10
settings.register_profile("doxa", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=100 * EXPLORED, print_blob=True)
settings.load_profile("doxa")

ROOT = Path(__file__).resolve().parent.parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """While exploring, draw more examples of a test that states how many it draws."""
    if settings.get_current_profile_name() != "explore":
        return
    for function in {getattr(item, "obj", None) for item in items}:
        stated = getattr(function, "_hypothesis_internal_use_settings", None)
        if stated is not None and stated.max_examples != settings().max_examples:
            function = getattr(function, "__func__", function)
            function._hypothesis_internal_use_settings = settings(
                stated, max_examples=EXPLORED * stated.max_examples
            )


@pytest.fixture(scope="session")
def oracle() -> Path:
    folder = ROOT.parent / "shared" / "oracle"
    if not folder.is_dir():
        pytest.skip("the oracle's folder ../shared/oracle is not here")
    return folder
