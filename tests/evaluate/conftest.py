from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from made_up import made_up_evaluation

if TYPE_CHECKING:
    from doxa.evaluate import Evaluation


@pytest.fixture
def evaluation() -> Evaluation:
    return made_up_evaluation()
