// Search of everything: the statements of the page, asked in this tab, their rows as a server would show them.

import { Database } from "./database.js";
import { home } from "./places.js";

// As the server has it: what is read of what is typed.
const [MOST_SIGNS, MOST_WORDS, MOST_DROPPING] = [400, 16, 8];
const find = (id) => document.querySelector(`#${id}`);
const database = new Database(find("database").href);
const tables = JSON.parse(find("statements").textContent);

const q = new URLSearchParams(location.search).get("q") ?? "";
for (const field of document.querySelectorAll("[name=q]")) field.value = q;
const readWord = JSON.parse(find("read-word").textContent);
const typed = [...new Set(q.slice(0, MOST_SIGNS).match(/[\p{L}\p{N}_]+/gu) ?? [])].slice(0, MOST_WORDS);
if (typed.length) search();

async function search() {
  find("state").textContent = "Searching …";
  try {
    const groups = [];
    const { words, ...told } = await readTyped();
    for (const table of words.length ? tables : []) groups.push(await showTable(table, quote(words)));
    find("found").append(...groups.filter(Boolean));
    const isFound = find("found").childElementCount;
    if (isFound) tell(told);
    find("state").textContent = isFound ? "" : `Nothing contains “${q.slice(0, 200)}”, nor a word like it.`;
  } catch (error) {
    find("state").className = "zero-results";
    find("state").textContent = error.message;
  }
}

function quote(words) {
  return words.map((word) => `"${word}"*`).join(" ");
}

// What to search for: words that stand nowhere are corrected or left out, and so are those in the way.
async function readTyped() {
  const [words, corrected, missing, dropped] = [[], [], [], []];
  for (const word of typed) {
    const [known, nearest] = readWord ? (await database.ask(readWord, { word: word.toLowerCase(), match: quote([word]) })).rows[0] : [1];
    if (known) words.push(word);
    else if (nearest) words.push(nearest), corrected.push([word, nearest]);
    else missing.push(word);
  }
  while (words.length > 1 && words.length <= MOST_DROPPING && !(await countAll(words))) {
    const counts = [];
    for (const place of words.keys()) counts.push([await countAll(words.filter((_, at) => at !== place)), place]);
    const helpful = counts.some(([found]) => found) ? counts.filter(([found]) => found) : counts;
    const [[, place]] = helpful.sort(([found, at], [other, there]) => found - other || there - at);
    dropped.push(...words.splice(place, 1));
  }
  return { words, corrected, missing, dropped };
}

async function countAll(words) {
  let sum = 0;
  for (const { count } of tables) sum += (await database.ask(count, { words: quote(words) })).rows[0][0];
  return sum;
}

// What was made of the words.
function tell({ corrected, missing, dropped }) {
  const lines = corrected.map(([word, nearest]) => write("corrected", word, nearest));
  if (missing.length) lines.push(write("missing", missing.map((word) => `“${word}”`).join(", ")));
  if (dropped.length) lines.push(write("dropped", dropped.join(", ")));
  find("readings").append(...lines);
}

function write(name, words, nearest) {
  const line = find(name).content.cloneNode(true);
  line.querySelector("span").textContent = words;
  if (nearest) line.querySelector("b").textContent = nearest;
  return line;
}

async function showTable({ title, path, find: statement, count }, words) {
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
