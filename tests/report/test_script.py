"""The page's script: its modules, and the bundle that reports carry."""

from __future__ import annotations

import re
import shutil
import subprocess
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

REPORT = Path(__file__).parents[2] / "python/doxa/report"
SCRIPT = REPORT / "script"
BUNDLE = REPORT / "assets/page.js"
MODULES = [SCRIPT / "page.js", SCRIPT / "theme.js", *SCRIPT.glob("s*/*.js")]
IMPORT = re.compile(r'^(?:import|\}) .*"(\.[^"]+)";$', re.MULTILINE)
BUNDLER = SCRIPT / "node_modules/.bin/esbuild"


def test_modules_import_without_circles_and_all_are_used() -> None:
    imports = {
        path: {(path.parent / name).resolve() for name in IMPORT.findall(path.read_text("utf-8"))}
        for path in MODULES
    }
    # Raises CycleError where there is a circle.
    order = list(TopologicalSorter(imports).static_order())
    assert sorted(order) == sorted(MODULES)
    assert set(MODULES) - set().union(*imports.values()) == {SCRIPT / "page.js"}


@pytest.mark.skipif(
    not (shutil.which("npm") and BUNDLER.exists()), reason="no bundler: run  make page  (needs npm)"
)
def test_bundle_is_up_to_date() -> None:
    run = ["npm", "--prefix", SCRIPT, "--silent", "run", "bundle"]
    built = subprocess.run(run, check=True, capture_output=True, encoding="utf-8").stdout
    assert BUNDLE.read_text(encoding="utf-8") == built, "run  make page"


def test_bundle_may_stand_in_a_page() -> None:
    """A script element ends at `</script`; an import would be a request."""
    bundle = BUNDLE.read_text(encoding="utf-8")
    assert "</script" not in bundle
    assert re.search(r"\bimport\b", bundle) is None
