// Scores of published models, where the page has them.

import { data, once, readJson, rowsOf } from "./data.js";

export const publishedScores = () =>
  once("published rows", async () => {
    if (!data.published) return [];
    return rowsOf(await readJson("published")).map((row) => ({ ...row, published: true }));
  });
