"""Make the README's picture: the map of a run's report, as a browser shows it.

Usage: python tools/picture.py runs/demo/report.html docs/pictures/report.png
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

MARGIN = 12


def main(report: Path, picture: Path) -> None:
    """Photograph the map of the report, with its heading and legend."""
    chromium = os.environ.get("DOXA_CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        sys.exit("no Chromium: run  make browser  or set DOXA_CHROMIUM")
    with sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(
            viewport={"width": 960, "height": 800}, device_scale_factor=1.5, color_scheme="light"
        )
        page.goto(report.resolve().as_uri())
        page.wait_for_selector("#item svg")
        hidden = "#selection, .saves, #map-controls, #map details"
        page.add_style_tag(content=f"{hidden} {{ display: none }}")
        top = page.locator("#map").bounding_box()
        drawn = page.locator("#world").bounding_box()
        if top is None or drawn is None:
            sys.exit(f"{report} shows no map")
        page.screenshot(
            path=picture,
            full_page=True,
            clip={
                "x": top["x"] - MARGIN,
                "y": top["y"] + MARGIN,
                "width": top["width"] + 2 * MARGIN,
                "height": drawn["y"] + drawn["height"] - top["y"] + MARGIN,
            },
        )
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit((__doc__ or "").strip())
    main(Path(sys.argv[1]), Path(sys.argv[2]))
