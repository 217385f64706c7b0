import js from "@eslint/js";

// What a browser provides, and Vega's script with it, as far as these files use it.
const BROWSER = [
  "Blob",
  "CSS",
  "CustomEvent",
  "DecompressionStream",
  "IntersectionObserver",
  "Response",
  "TextDecoder",
  "URL",
  "addEventListener",
  "atob",
  "document",
  "getComputedStyle",
  "innerHeight",
  "location",
  "matchMedia",
  "print",
  "setTimeout",
  "structuredClone",
  "vega",
  "vegaEmbed",
];

export default [
  js.configs.recommended,
  {
    languageOptions: {
      globals: Object.fromEntries(BROWSER.map((name) => [name, "readonly"])),
    },
    rules: {
      eqeqeq: "error",
      "no-var": "error",
      "prefer-const": "error",
    },
  },
];
