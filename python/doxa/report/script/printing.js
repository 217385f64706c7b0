// A printer gets the whole page. The browser does not wait for what is drawn once it prints, so the
// button and the keys draw first.

export function followPrinter(drawAll, after) {
  const button = document.getElementById("print");
  const printAll = async () => {
    await drawAll();
    print();
  };
  button.hidden = false;
  button.onclick = printAll;
  addEventListener("keydown", (event) => {
    if (event.key !== "p" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey)
      return;
    event.preventDefault();
    printAll();
  });
  addEventListener("beforeprint", drawAll);
  addEventListener("afterprint", after);
}
