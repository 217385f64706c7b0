// The switches at the top, which drive everything below: model, way of asking, measure, and the
// wave where there are several.

import { data } from "./data.js";
import { announce, element } from "./elements.js";
import { showControls } from "./controls.js";
import { measures } from "./measures.js";
import { keepWay, loadModel, scoredWays, selection } from "./selection.js";

// `groups` are pairs of a title and options; a title of null has its options ungrouped.
function chooser(name, title, groups, chosen, choose) {
  const options = groups.flatMap(([, among]) => among);
  const select = element("select", {
    id: `choose-${name}`,
    onchange: () => {
      choose(options[select.selectedIndex][0]);
      announce(`Now showing ${options[select.selectedIndex][1]}`);
    },
  });
  for (const [label, among] of groups) {
    const made = among.map(([value, text]) =>
      element("option", { value: String(value), selected: String(value) === String(chosen) }, text),
    );
    select.append(...(label === null ? made : [element("optgroup", { label }, ...made)]));
  }
  return element("label", {}, title, select);
}

export function showChoices(redraw) {
  const form = document.getElementById("selection");
  form.hidden = false;
  form.onsubmit = (event) => event.preventDefault();
  const change = async (changes) => {
    if (changes.model) await loadModel(changes.model);
    Object.assign(selection, changes);
    keepWay();
    show();
    redraw();
  };
  const single = (pairs) => [[null, pairs]];
  function show() {
    const models = data.models.map((name) => [name, name]);
    const waves = data.waves.map((wave) => [wave, `wave ${wave}`]);
    const ways = scoredWays().map(([elicitation, among]) => [
      data.elicitations[elicitation],
      among.map((way) => [`${elicitation}|${way}`, data.ways[way].label]),
    ]);
    const way = `${selection.elicitation}|${selection.way}`;
    showControls(
      form,
      models.length > 1 &&
        chooser("model", "Model", single(models), selection.model, (model) => change({ model })),
      chooser("way", "Way of asking", ways, way, (chosen) => {
        const [elicitation, number] = chosen.split("|");
        change({ elicitation, way: Number(number) });
      }),
      chooser(
        "measure",
        "Measure",
        single(measures.map(({ key, name }) => [key, name])),
        selection.measure,
        (measure) => change({ measure }),
      ),
      waves.length > 1 &&
        chooser("wave", "Survey wave", single(waves), selection.wave, (wave) => change({ wave })),
    );
  }
  show();
}
