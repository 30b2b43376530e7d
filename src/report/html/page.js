"use strict";
(() => {
  document.documentElement.classList.add("js");
  const table = document.getElementById("table");
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const search = document.getElementById("search");
  const shown = document.getElementById("shown");

  function find() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    rows.forEach((row, at) => {
      row.hidden = !words.every((word) => texts[at].includes(word));
      count += row.hidden ? 0 : 1;
    });
    shown.textContent = words.length ? count + " of " + rows.length : "";
  }
  search.addEventListener("input", find);

  // What a cell is sorted by: its number, else its text.
  const value = (row, at) => {
    const cell = row.cells[at];
    return "v" in cell.dataset ? Number(cell.dataset.v) : cell.textContent.toLowerCase();
  };
  table.tHead.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const head = button.parentElement;
    const at = head.cellIndex;
    const numeric = rows.length > 0 && typeof value(rows[0], at) === "number";
    const before = head.getAttribute("aria-sort");
    // Numbers and times: the most first.
    const descending = before ? before === "ascending" : numeric || at === 0;
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", descending ? "descending" : "ascending");
    const sorted = rows
      .map((row, order) => ({ row, order, key: value(row, at) }))
      .sort((a, b) => {
        const way = a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
        return (descending ? -way : way) || a.order - b.order;
      });
    body.append(...sorted.map((it) => it.row));
  });

  let current = null;
  function go() {
    const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const session = named && named.closest(".session");
    if (!session) return;
    if (current && current !== session) current.classList.remove("shown");
    current = session;
    session.classList.add("shown");
    if (named.tagName === "DETAILS") {
      named.open = true;
      named.firstElementChild.focus({ preventScroll: true });
    } else {
      session.focus({ preventScroll: true });
    }
    named.scrollIntoView();
  }
  addEventListener("hashchange", go);
  // A citation that is clicked again opens its record again.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (link && link.hash && link.hash === location.hash) go();
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/" && event.target !== search) {
      event.preventDefault();
      search.focus();
    } else if (event.key === "Escape" && event.target === search) {
      search.value = "";
      find();
    } else if (event.key === "Escape" && current) {
      location.hash = "#sessions";
    }
  });
  go();
})();
