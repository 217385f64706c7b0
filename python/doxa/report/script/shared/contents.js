// The list of contents: it marks the section that is read, and is folded on narrow screens.

import { narrow } from "./names.js";

export function followReader() {
  const contents = document.getElementById("contents");
  const links = new Map(
    [...contents.querySelectorAll("a")].map((link) => [link.hash.slice(1), link]),
  );
  const fold = () => {
    contents.querySelector("details").open = !narrow.matches;
  };
  fold();
  narrow.addEventListener("change", fold);
  const mark = (id) => {
    for (const [name, link] of links) {
      if (name === id) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };
  const watcher = new IntersectionObserver(
    (entries) => {
      const read = entries.find(({ isIntersecting }) => isIntersecting);
      if (read) mark(read.target.id);
    },
    { rootMargin: "-20% 0px -75% 0px" },
  );
  for (const id of links.keys()) watcher.observe(document.getElementById(id));
}
