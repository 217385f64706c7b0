// A search over the items: their names, topics, and wording in every language of the page.

import { data } from "../shared/data.js";
import { element } from "../shared/elements.js";
import { address } from "./item.js";

const { questions } = data.items;
const MOST = 12;

const plain = (text) => text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLocaleLowerCase();

let texts = null;
function textsOf() {
  texts ??= questions.map(({ id, topic, wording }) => {
    const words = Object.values(wording).flatMap(({ text, labels }) => [text, ...labels]);
    return plain([id, topic, ...words].join("\n"));
  });
  return texts;
}

// Items that hold every word, an item of that very name first.
export function found(wanted) {
  const words = plain(wanted).split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  const all = textsOf();
  const hits = [...questions.keys()].filter((i) => words.every((word) => all[i].includes(word)));
  const named = ({ id }) => plain(id) === words[0];
  return hits.sort((a, b) => Number(named(questions[b])) - Number(named(questions[a])));
}

// `nameOf` gives an item's line; `open` opens an item.
export function searchField(nameOf, open) {
  const list = element("ul", { class: "hits" });
  const count = element("p", { class: "count", role: "status" });
  const show = () => {
    const hits = found(field.value);
    const shown = hits.slice(0, MOST);
    list.replaceChildren(
      ...shown.map((i) =>
        element("li", {}, element("a", { href: address(i), onclick: clear }, nameOf(i))),
      ),
    );
    const all = `${hits.length} of ${questions.length} items`;
    count.textContent = field.value.trim()
      ? hits.length > MOST
        ? `${all}, the first ${MOST} shown`
        : all
      : "";
  };
  const clear = () => {
    field.value = "";
    show();
  };
  const field = element("input", {
    type: "search",
    placeholder: "Word, topic or item, in any language",
    oninput: show,
    onkeydown: (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      const [first] = found(field.value);
      if (first === undefined) return;
      clear();
      open(first);
    },
  });
  return element(
    "div",
    { class: "search" },
    element("label", {}, "Search items", field),
    count,
    list,
  );
}
