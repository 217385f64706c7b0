"""The page's script: its modules, and the bundle that reports carry."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
from graphlib import TopologicalSorter
from pathlib import Path

import altair as alt
import pytest
import vl_convert

from doxa.outside.quoting import to_cell

REPORT = Path(__file__).parents[2] / "python/doxa/report"
SCRIPT = REPORT / "script"
TOP = ("page", "printing", "theme")
BUNDLE = REPORT / "assets/page.js"
MODULES = [*(SCRIPT / f"{name}.js" for name in TOP), *SCRIPT.glob("s*/*.js")]
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


@pytest.mark.skipif(not shutil.which("node"), reason="Node is not installed")
def test_csv_quotes_formulas_as_the_files_do(tmp_path: Path) -> None:
    starts = ["", "=", "+", "-", "@", "\t", "'=", "\uff1d", "a", "'a"]
    ends = ["1+1", "1", "1.5e3", ".", 'HYPERLINK("x")', "", "\n1", ", two"]
    texts = [start + end for start in starts for end in ends]
    (tmp_path / "csv.mjs").write_bytes((SCRIPT / "shared/csv.js").read_bytes())
    program = (
        f"import {{ csvOf }} from './csv.mjs'; process.stdout.write(csvOf([{json.dumps(texts)}]))"
    )
    run = ["node", "--input-type=module", "--eval", program]
    done = subprocess.run(run, cwd=tmp_path, check=True, capture_output=True)
    written = next(csv.reader(io.StringIO(done.stdout.decode("utf-8-sig"), newline="")))
    assert written == [to_cell(text) for text in texts]


def test_vega_is_the_published_one_and_of_the_versions_that_draw_figures() -> None:
    vega = (REPORT / "assets/vega.js").read_text(encoding="utf-8")
    assert "</script" not in vega
    versions = json.loads((SCRIPT / "package.json").read_text("utf-8"))["dependencies"]
    assert versions["vega"] == vl_convert.get_vega_version()
    assert versions["vega-embed"] == vl_convert.get_vega_embed_version()
    assert versions["vega-lite"].rpartition(".")[0] in vl_convert.get_vegalite_versions()
    assert f"v{versions['vega-lite']}" == alt.SCHEMA_VERSION
    assert all(f'"{version}"' in vega for version in versions.values())
    names = ("vega", "vega-lite", "vega-embed")
    published = [SCRIPT / f"node_modules/{name}/build/{name}.min.js" for name in names]
    if all(file.is_file() for file in published):
        lines = "\n".join(file.read_text("utf-8") for file in published).splitlines()
        kept = [line for line in lines if line and not line.startswith("//# sourceMappingURL")]
        assert vega.splitlines() == kept


def test_the_licences_of_what_a_page_carries_are_beside_it() -> None:
    text = (REPORT / "assets/vega.LICENSE.txt").read_text(encoding="utf-8")
    packages = json.loads((SCRIPT / "package-lock.json").read_text("utf-8"))["packages"]
    for path, package in packages.items():
        if path and not package.get("dev"):
            name = f"{path.rpartition('node_modules/')[2]} {package['version']}"
            assert name in text, "run  make licences"
