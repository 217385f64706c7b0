from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hub_server import Hub, hub_server

from doxa.cluster.connection import connected

if TYPE_CHECKING:
    from collections.abc import Iterator

TESTS = Path(__file__).resolve().parent.parent
KEPT = Path(tempfile.mkdtemp(prefix="doxa-cluster-"))
"""Where nodes keep what they fetch."""
_MEMORY = 80 * 2**20
_HEALTH = {"health_check_initial_delay_ms": 200, "health_check_period_ms": 200}
"""A node whose process is gone is found dead in a second, one that is slow in a minute, as ever."""
atexit.register(shutil.rmtree, KEPT, ignore_errors=True)


class Nodes:
    """A Ray cluster of several nodes on this machine; the driver's has no room for workers.

    Each node has a cache of its own for what it downloads from `hub`.
    """

    def __init__(self, hub: Hub) -> None:
        from ray.cluster_utils import Cluster as Raylets

        self.hub = hub
        self._raylets = Raylets(
            initialize_head=True,
            head_node_args={
                "num_cpus": 0,
                "object_store_memory": _MEMORY,
                "include_dashboard": False,
                "env_vars": _variables(),
                "_system_config": _HEALTH,
            },
        )
        self.address = str(self._raylets.address)

    def add(self, name: str = "", *folders: Path) -> Any:
        """Add a node with room for one worker, which finds modules in folders first of all."""
        node = self._raylets.add_node(
            num_cpus=1,
            object_store_memory=_MEMORY,
            include_dashboard=False,
            env_vars={
                **_variables(*folders),
                "NODE": name,
                "HF_HOME": str(KEPT / f"hub-{name}"),
                "HF_ENDPOINT": self.hub.address,
            },
        )
        self._raylets.wait_for_nodes()
        return node

    def remove(self, node: Any) -> None:
        """End a node without a word, and wait until the others know."""
        self._raylets.remove_node(node, allow_graceful=False)
        self._raylets.wait_for_nodes()

    def close(self) -> None:
        self._raylets.shutdown()


def _variables(*folders: Path) -> dict[str, str]:
    found = [*map(str, folders), str(TESTS), os.environ.get("PYTHONPATH", "")]
    return {
        "PYTHONPATH": os.pathsep.join(filter(None, found)),
        "XDG_CACHE_HOME": str(KEPT),
        "RAY_worker_niceness": "0",
    }


@pytest.fixture(scope="package")
def cluster() -> Iterator[Nodes]:
    """A cluster of two nodes, to which this process is connected."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ["RAY_AUTH_MODE"] = "disabled"
    with hub_server() as hub, closing(Nodes(hub)) as nodes:
        nodes.add("one")
        nodes.add("two")
        with connected(nodes.address):
            yield nodes
