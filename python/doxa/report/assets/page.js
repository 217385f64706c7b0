// The controls that act on the whole page, and the first drawing.
const choices = [
  ["model", "Model", data.models.map((name) => [name, name])],
  ["elicitation", "Answers read from", Object.entries(data.elicitations)],
  ["wave", "Survey wave", data.waves.map((wave) => [wave, `wave ${wave}`])],
];
const form = document.getElementById("selection");
form.onsubmit = (event) => event.preventDefault();
for (const [name, title, options] of choices) {
  if (options.length < 2) continue;
  form.hidden = false;
  const control = picker(title, options, selection[name], (value) => {
    selection[name] = name === "wave" ? Number(value) : value;
    redraw();
    say(`Now showing ${options.find(([key]) => String(key) === value)[1]}`);
  });
  control.querySelector("select").id = `choose-${name}`;
  form.append(control);
}

const themeButton = document.getElementById("theme");
const prefersDark = matchMedia("(prefers-color-scheme: dark)");
function setTheme(dark) {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  themeButton.textContent = dark ? "Light theme" : "Dark theme";
}
themeButton.hidden = false;
themeButton.onclick = () => setTheme(document.documentElement.dataset.theme !== "dark");
prefersDark.addEventListener("change", () => setTheme(prefersDark.matches));
setTheme(prefersDark.matches);
narrow.addEventListener("change", redraw);
redraw();
