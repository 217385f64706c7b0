from __future__ import annotations

import subprocess
import sys

import pytest

from doxa.outside.processor import cores, flags
from doxa.score.core import core_use


def test_the_core_uses_all_that_it_may() -> None:
    found = core_use()
    assert found.threads == cores()
    assert found.instruction_set == found.widest
    has = flags()
    if has:
        assert (found.widest == "avx512") == (
            {"avx512f", "avx512bw", "avx512dq", "avx512vl"} <= has
        )
        assert (found.widest in ("avx2", "avx512")) == ("avx2" in has)


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("DOXA_NUM_THREADS", "1", "1"),
        ("DOXA_NUM_THREADS", "none", "is not a number of threads"),
        ("DOXA_ISA", "mmx", "is not sse2, avx2 or avx512"),
    ],
)
def test_the_environment_says_otherwise(variable: str, value: str, says: str) -> None:
    code = (
        f"import os; os.environ[{variable!r}] = {value!r}\n"
        "from doxa.errors import InvalidArgumentError\n"
        "from doxa.score.core import core_use\n"
        "try: print(core_use().threads)\nexcept InvalidArgumentError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert says in done.stdout
