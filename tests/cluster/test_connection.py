from __future__ import annotations

import subprocess
import sys

import pytest

LIMIT = 60


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("127.0.0.1:9", "refused"),
        ("nonsense", "that is no host and port"),
        ("nowhere.invalid:6379", "."),
        ("127.0.0.1:99999999", "."),
    ],
)
def test_no_cluster_is_told_at_once(address: str, why: str) -> None:
    code = (
        "import sys\nfrom doxa.cluster.connection import connected\n"
        "from doxa.errors import ModelError\n"
        "try:\n with connected(sys.argv[1]): pass\n"
        "except ModelError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, address], capture_output=True, text=True, timeout=LIMIT
    )
    assert done.stdout.startswith(f"no Ray cluster at {address} (")
    assert done.stdout.endswith("): start one with  ray start --head, or let cluster be local\n")
    assert why in done.stdout
    assert done.stderr == ""


def test_ray_is_named_where_it_is_missing_and_imported_by_nothing_else() -> None:
    code = (
        "import sys\n"
        "import doxa.cluster.asking, doxa.cli\n"
        "assert 'ray' not in sys.modules\n"
        "sys.modules['ray'] = None\n"
        "import doxa.cluster.connection as connection\n"
        "from doxa.errors import MissingExtraError\n"
        "try:\n with connection.connected('local'): pass\n"
        "except MissingExtraError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == 'ray is not installed: run  pip install "doxa[cluster]"\n'
