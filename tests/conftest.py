from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says how busy the machine is, and nothing about the code.
settings.register_profile("doxa", deadline=None)
settings.load_profile("doxa")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def oracle() -> Path:
    folder = ROOT.parent / "shared" / "oracle"
    if not folder.is_dir():
        pytest.skip("the oracle's folder ../shared/oracle is not here")
    return folder
