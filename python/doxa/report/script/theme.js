// Light or dark: as the system has it, until the reader changes it.

const button = document.getElementById("theme");
const prefersDark = matchMedia("(prefers-color-scheme: dark)");

function setTheme(dark) {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  button.textContent = dark ? "Light theme" : "Dark theme";
}

export function followTheme() {
  button.hidden = false;
  button.onclick = () => setTheme(document.documentElement.dataset.theme !== "dark");
  prefersDark.addEventListener("change", () => setTheme(prefersDark.matches));
  setTheme(prefersDark.matches);
}
