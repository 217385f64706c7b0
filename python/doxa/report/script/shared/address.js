// Where the page's address leads: parts that are drawn above would push it away.

let target = null;

function read() {
  target = document.getElementById(location.hash.slice(1));
}

export function followAddress() {
  read();
  addEventListener("hashchange", read);
  for (const moving of ["wheel", "touchmove", "pointerdown", "keydown"]) {
    addEventListener(moving, () => {
      target = null;
    });
  }
}

// Until the reader moves away.
export function keepToAddress() {
  target?.scrollIntoView({ behavior: "instant" });
}
