from __future__ import annotations

from analysis.conftest import bank, human

__all__ = ["bank", "human"]
