from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from processes import marked

if TYPE_CHECKING:
    from pathlib import Path

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


STARTS = """
import os, signal, sys
from doxa.cli.interrupt import watch
from doxa.cluster.connection import connected
watch()
with connected("local") as ray:
    import psutil
    from ray._private.node import Node
    print(ray.get(ray.remote(lambda: 1).remote()), flush=True)
    # on a busy machine, the raylet has no time to end what it has started
    if sys.argv[1] == "ends":
        end = Node.kill_all_processes
        Node.kill_all_processes = lambda node, **_: end(node, check_alive=False)
    else:
        [raylet] = [one for one in psutil.Process().children() if one.name() == "raylet"]
        raylet.send_signal(signal.SIGSTOP)
        sys.stdin.read()
"""


@pytest.mark.alone
@pytest.mark.parametrize("how", ["ends", "ctrl-c"])
def test_nothing_that_ray_has_started_outlives_the_program(tmp_path: Path, how: str) -> None:
    mark = f"MARK{tmp_path}"
    process = subprocess.Popen(
        [sys.executable, "-c", STARTS, how],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "MARK": mark},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "1\n"
    if how == "ctrl-c":
        time.sleep(0.5)
        assert len(marked(mark)) > 4
        process.send_signal(signal.SIGINT)
    process.communicate(timeout=LIMIT)
    end = time.monotonic() + 5
    while living := marked(mark):
        assert time.monotonic() < end, living
        time.sleep(0.05)
