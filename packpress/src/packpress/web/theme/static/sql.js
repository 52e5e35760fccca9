// The page of SQL: a statement, its values, and the answer as a table and as a file.

import { Database } from "./database.js";
import { findRow } from "./places.js";

const MOST_ROWS = 2000;
const find = (id) => document.querySelector(`#${id}`);
const database = new Database(find("database").href);
const form = find("ask");
const editor = find("sql-editor");
let shown;

form.addEventListener("submit", (event) => {
  event.preventDefault();
  run();
});
find("stop").addEventListener("click", () => database.stop());
find("take").addEventListener("click", () => work("Writing the file", take));
find("example").addEventListener("change", ({ target }) => {
  if (!target.value) return;
  editor.value = target.value;
  askFor([]);
});
editor.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});

const asked = new URLSearchParams(location.search);
if (asked.get("sql")) {
  editor.value = asked.get("sql");
  asked.delete("sql");
  askFor([...asked.keys()], Object.fromEntries(asked));
  run();
}

function run() {
  const sql = editor.value;
  const values = Object.fromEntries([...find("values").querySelectorAll("input")].map((item) => [item.name, item.value]));
  history.replaceState(null, "", `?${new URLSearchParams({ sql, ...values })}`);
  shown = undefined;
  find("found").hidden = true;
  find("answer").replaceChildren();
  work("Running", async () => {
    const answer = await database.ask(sql, values, MOST_ROWS);
    if (answer.missing) {
      askFor(answer.missing, values);
      find("values").querySelector("input").focus();
      return "Give a value, then run it again.";
    }
    shown = { sql, values };
    return show(answer);
  });
}

// Does the work while the button to stop it can be pressed; what it returns, or what went wrong, is said.
async function work(name, task) {
  const [state, stop] = [find("state"), find("stop")];
  const buttons = [find("run"), find("take")];
  state.className = "q2";
  state.textContent = `${name} …`;
  stop.hidden = false;
  for (const button of buttons) button.disabled = true;
  try {
    state.textContent = await task();
    state.className = find("found").hidden ? "q2" : "vh";
  } catch (error) {
    state.className = "zero-results";
    state.textContent = error.message;
  }
  stop.hidden = true;
  for (const button of buttons) button.disabled = false;
}

// Fields for the values of a statement, with what is known of them.
function askFor(names, known = {}) {
  const fields = names.map((name) => {
    const label = document.createElement("label");
    const field = Object.assign(document.createElement("input"), { name, type: "text", className: "f", value: known[name] ?? "" });
    label.append(name, field);
    return label;
  });
  find("values").replaceChildren(...fields);
}

function show({ columns, rows, isCut }) {
  const count = rows.length.toLocaleString("en");
  const words = isCut ? `More than ${count} rows` : `${count} row${rows.length === 1 ? "" : "s"}`;
  find("found").hidden = false;
  find("count").textContent = words;
  if (rows.length) find("answer").replaceChildren(drawTable(columns, rows));
  if (!rows.length) return "No row answers this.";
  return isCut ? `${words}; the first ${count} are shown, the CSV has all.` : `${words}.`;
}

function drawTable(columns, rows) {
  const table = document.createElement("table");
  table.className = "rows-and-columns";
  table.setAttribute("role", "table");
  const head = addRow(addPart(table, "thead"));
  for (const column of columns) addCell(head, "th", "columnheader", column).scope = "col";
  const body = addPart(table, "tbody");
  for (const row of rows) {
    const line = addRow(body);
    row.forEach((value, place) => fill(addCell(line, "td", "cell"), columns[place], value));
  }
  return table;
}

function addPart(table, name) {
  const part = table.appendChild(document.createElement(name));
  part.setAttribute("role", "rowgroup");
  return part;
}

function addRow(part) {
  const row = part.appendChild(document.createElement("tr"));
  row.setAttribute("role", "row");
  return row;
}

function addCell(row, name, role, text = "") {
  const cell = row.appendChild(document.createElement(name));
  cell.setAttribute("role", role);
  cell.textContent = text;
  return cell;
}

function fill(cell, column, value) {
  cell.dataset.l = column;
  const text = value instanceof Uint8Array ? `${value.length} bytes` : String(value ?? "");
  const url = typeof value === "string" && findRow(column, value);
  if (!text) cell.className = "nil";
  if (url) cell.append(Object.assign(document.createElement("a"), { href: url, textContent: text }));
  else cell.textContent = text;
}

async function take() {
  const file = await database.take(shown.sql, shown.values);
  const url = URL.createObjectURL(file);
  Object.assign(document.createElement("a"), { href: url, download: "answer.csv" }).click();
  URL.revokeObjectURL(url);
  return `The file has ${file.size.toLocaleString("en")} bytes.`;
}
