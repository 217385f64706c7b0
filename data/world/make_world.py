"""Make the outlines of countries that the report draws its maps with.

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python data/world/make_world.py package

Numeric country codes become alpha-3 codes; names are dropped. A territory of the survey that is
too small for the coarse outlines is kept as a point, the middle of its finer outline.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CODES = ROOT / "python/doxa/survey/countries.csv"
OUT = ROOT / "python/doxa/report/assets/world.json"
UNCODED = {"Kosovo": "XKX"}
ANTARCTICA = "ATA"


def alpha_3() -> dict[str, str]:
    """Read the alpha-3 code of each numeric one."""
    with CODES.open(encoding="utf-8") as file:
        return {row["numeric"].zfill(3): row["alpha_3"] for row in csv.DictReader(file)}


def code_of(geometry: dict[str, Any], codes: dict[str, str]) -> str | None:
    """Return a geometry's alpha-3 code, if it has one."""
    if "id" in geometry:
        return codes.get(str(geometry["id"]).zfill(3))
    return UNCODED.get(geometry["properties"]["name"])


def middle(geometry: dict[str, Any], topology: dict[str, Any]) -> list[float]:
    """Return the middle of the box around a geometry, in degrees."""
    arcs: list[int] = []

    def gather(part: Any) -> None:
        if isinstance(part, int):
            arcs.append(part if part >= 0 else ~part)
        else:
            for member in part:
                gather(member)

    gather(geometry["arcs"])
    scale, translate = topology["transform"]["scale"], topology["transform"]["translate"]
    corners = []
    for arc in arcs:
        x = y = 0
        for dx, dy in topology["arcs"][arc]:
            x, y = x + dx, y + dy
            corners.append((x * scale[0] + translate[0], y * scale[1] + translate[1]))
    return [round((min(axis) + max(axis)) / 2, 2) for axis in zip(*corners, strict=True)]


def main(package: Path) -> None:
    """Write the outlines from the unpacked package."""
    codes = alpha_3()
    coarse = json.loads((package / "countries-110m.json").read_text(encoding="utf-8"))
    fine = json.loads((package / "countries-50m.json").read_text(encoding="utf-8"))
    countries = []
    for geometry in coarse["objects"]["countries"]["geometries"]:
        code = code_of(geometry, codes)
        if code == ANTARCTICA:
            continue
        shape = {"type": geometry["type"], "arcs": geometry["arcs"]}
        countries.append(shape | ({"id": code} if code else {}))
    drawn = {geometry.get("id") for geometry in countries}
    points = {
        code: middle(geometry, fine)
        for geometry in fine["objects"]["countries"]["geometries"]
        if (code := code_of(geometry, codes)) and code not in drawn | {ANTARCTICA}
    }
    world = {
        "type": "Topology",
        "transform": coarse["transform"],
        "arcs": coarse["arcs"],
        "objects": {"countries": {"type": "GeometryCollection", "geometries": countries}},
        "points": dict(sorted(points.items())),
    }
    OUT.write_text(json.dumps(world, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit((__doc__ or "").strip())
    main(Path(sys.argv[1]))
