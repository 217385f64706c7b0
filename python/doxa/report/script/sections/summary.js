// The findings: each with a small picture of its number, beside others of its kind.

import { drawCharts } from "../shared/chart.js";
import { data } from "../shared/data.js";
import { capitalised, fixed, signed } from "../shared/format.js";

// The pictures stand side by side, or one below the other: their labels are as wide.
const LABELS_WIDTH = 96;

export async function drawFindings() {
  for (const [i, { unit, expected, rows }] of data.findings.entries()) {
    const write = expected === 0 ? signed : fixed;
    const marks = rows.map((row) => ({ ...row, expected, value: write(row.estimate, 3) }));
    const chart = {
      title: capitalised(unit),
      source: "",
      kind: "finding",
      rows: marks,
      description: `${capitalised(unit)}: ${rows.map(({ detail }) => detail).join("; ")}`,
      adapt: (specification) => {
        specification.config = { axisY: { minExtent: LABELS_WIDTH } };
      },
    };
    await drawCharts(document.getElementById(`finding-${i}`), [chart]);
  }
}
