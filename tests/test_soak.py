"""A short soak: the same as `make soak` for a few faults."""

from __future__ import annotations

import sys

import pytest
from soak import soak


@pytest.mark.skipif(sys.platform != "linux", reason="it ends processes as Linux does")
def test_a_few_faults_lose_and_change_nothing() -> None:
    assert "no reply lost or changed" in soak(8, seed=5)
