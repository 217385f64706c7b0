// Small maps of the world, many at once: every outline is made once and used by all.

import { once, readJson } from "./data.js";
import { element } from "./elements.js";

const WIDTH = 320;
const HEIGHT = 150;
const NAMESPACE = "http://www.w3.org/2000/svg";

function drawn(name, attributes, ...children) {
  const node = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

// Countries too small for an outline are points.
const outlines = () =>
  once("outlines", async () => {
    const world = await readJson("world");
    const features = vega.read(world, { type: "topojson", feature: "countries" });
    const projection = vega.projection("equalEarth")();
    projection.fitSize([WIDTH, HEIGHT], { type: "FeatureCollection", features });
    const { path } = projection;
    const shapes = features
      .filter((feature) => feature.id)
      .map((feature) => drawn("path", { id: `outline-${feature.id}`, d: path(feature) ?? "" }));
    const known = new Set(features.map(({ id }) => id));
    const points = Object.entries(world.points)
      .filter(([code]) => !known.has(code))
      .map(([code, place]) => {
        const [x, y] = projection(place);
        return drawn("circle", { id: `outline-${code}`, cx: x, cy: y, r: 2.5 });
      });
    const land = features.map((feature) => path(feature) ?? "").join("");
    const store = drawn(
      "svg",
      { width: 0, height: 0, "aria-hidden": "true", style: "position:absolute" },
      drawn("defs", {}, drawn("path", { id: "land", d: land }), ...shapes, ...points),
    );
    document.body.append(store);
    return new Set([...shapes, ...points].map(({ id }) => id.slice("outline-".length)));
  });

// Rows are {country, colour, detail}.
export async function smallMap(rows, description) {
  const known = await outlines();
  const countries = rows
    .filter(({ country }) => known.has(country))
    .map(({ country, colour, detail }) =>
      drawn(
        "use",
        { href: `#outline-${country}`, class: "scored", fill: colour },
        drawn("title", {}, detail),
      ),
    );
  return drawn(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": description },
    drawn("use", { href: "#land", class: "land" }),
    ...countries,
  );
}

export const mapList = (figures) =>
  element("ul", { class: "maps" }, ...figures.map((one) => element("li", {}, one)));
