// Search of everything: the statements of the page, asked in this tab, their rows as a server would show them.

import { Database } from "./database.js";
import { home } from "./places.js";

// As the server has it: what is read of what is typed.
const [MOST_SIGNS, MOST_WORDS] = [400, 16];
const find = (id) => document.querySelector(`#${id}`);
const database = new Database(find("database").href);
const tables = JSON.parse(find("statements").textContent);

const q = new URLSearchParams(location.search).get("q") ?? "";
for (const field of document.querySelectorAll("[name=q]")) field.value = q;
const words = (q.slice(0, MOST_SIGNS).match(/[\p{L}\p{N}_]+/gu) ?? [])
  .slice(0, MOST_WORDS).map((word) => `"${word}"*`).join(" ");
if (words) search();

async function search() {
  find("state").textContent = "Searching …";
  try {
    const groups = [];
    for (const table of tables) groups.push(await showTable(table));
    find("found").append(...groups.filter(Boolean));
    find("state").textContent = find("found").childElementCount ? "" : `Nothing contains all the words of “${q.slice(0, 200)}”.`;
  } catch (error) {
    find("state").className = "zero-results";
    find("state").textContent = error.message;
  }
}

async function showTable({ title, path, find: statement, count }) {
  const [[found]] = (await database.ask(count, { words })).rows;
  if (!found) return undefined;
  const { columns, rows } = await database.ask(statement, { words });
  const group = find("group").content.cloneNode(true);
  group.querySelector("h2").prepend(`${title} `);
  group.querySelector(".num").textContent = found.toLocaleString("en");
  const hits = rows.map((row) => showHit(path, Object.fromEntries(row.map((value, place) => [columns[place], value]))));
  group.querySelector("ol").append(...hits);
  return group;
}

function showHit(path, row) {
  const keys = Object.keys(row).filter((name) => /^key\d+$/.test(name)).map((name) => String(row[name]));
  const hit = find("hit").content.cloneNode(true);
  const link = hit.querySelector("h3 a");
  // A key with other letters has no folder of so plain a name.
  if (path && keys.every((key) => /^[\w-]+$/.test(key))) link.href = new URL(`${path}/${keys.join(",")}/`, home).href;
  link.textContent = row.label ?? keys.join(", ");
  if (row.words?.replace(/[⟦⟧]/g, "") === link.textContent) hit.querySelector(".words").remove();
  else hit.querySelector(".words").append(...embolden(row.words ?? ""));
  return hit;
}

function embolden(text) {
  return text.split(/[⟦⟧]/).map((piece, place) => {
    if (place % 2 === 0) return piece;
    return Object.assign(document.createElement("b"), { textContent: piece });
  });
}
