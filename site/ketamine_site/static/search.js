// Search of everything: the site's own query, asked in this tab, its rows by kind as a server would show them.

import { Database } from "../static/database.js";
import { findRow } from "../static/places.js";
import { findSource } from "./documents.js";

// As the query itself has it: what it reads of the words, and how many rows it ranks.
const [MOST_SIGNS, MOST_WORDS, MOST_ROWS] = [400, 16, 2000];
// A group of more is cut to its best, so that the next one is not far.
const [LONG, BEST] = [15, 10];
// Where a claim or a passage stands, and how a claim judges.
const DETAILS = `
select claim_id, stance, certainty, hedge, claim_type, source_id, position
from claims
join passages using (passage_id)
where claim_id in (select value from json_each(:row_ids))
union all
select passage_id, null, null, null, null, source_id, position
from passages
where passage_id in (select value from json_each(:row_ids))`;

const find = (id) => document.querySelector(`#${id}`);
const copy = (id) => find(id).content.cloneNode(true);
const number = (count) => count.toLocaleString("en");
const several = (kind, count) => (count === 1 ? kind : `${kind}s`);
const sql = find("sql-query").textContent;
const database = new Database(find("database").href);

const asked = new URLSearchParams(location.search);
const q = asked.get("q") ?? "";
const kind = asked.get("kind") ?? "";
for (const field of document.querySelectorAll("[name=q]")) field.value = q;
if (q.trim()) search();
else find("found").append(copy("hint"));

async function search() {
  document.title = `${q.slice(0, 80)} – ${document.title}`;
  find("cut").hidden = q.length <= MOST_SIGNS && q.split(/\s+/).length <= MOST_WORDS;
  find("state").textContent = "Searching …";
  try {
    const rows = await ask(sql, { q, kind });
    const details = await readDetails(rows);
    find("found").append(...(rows.length ? showFound(rows, details) : await showNothing()));
    // For those who hear the page; others see it.
    find("state").className = "vh";
    find("state").textContent = rows.length ? find("found").querySelector("h2").textContent : "Nothing found.";
  } catch (error) {
    find("state").className = "zero-results";
    find("state").textContent = error.message;
  }
}

async function ask(statement, values) {
  const { columns, rows } = await database.ask(statement, values);
  return rows.map((row) => Object.fromEntries(row.map((value, place) => [columns[place], value])));
}

async function readDetails(rows) {
  const rowIds = rows.filter((row) => ["claim", "passage"].includes(row.kind)).map((row) => row.row_id);
  const found = await ask(DETAILS, { row_ids: JSON.stringify(rowIds) });
  return new Map(found.map((row) => [row.claim_id, row]));
}

function showFound(rows, details) {
  const groups = groupRows(rows);
  const total = [...groups.values()].reduce((sum, hits) => sum + hits[0].found, 0);
  const more = total >= MOST_ROWS ? "+" : "";
  const page = copy("results");
  page.querySelector("h2").textContent = `${number(total)}${more} found${kind && ` of the kind ${kind}`}`;
  set(page, ".all", kind && "all kinds").href = address(q);
  set(page, ".partial", more && page.querySelector(".partial").textContent);
  const list = page.querySelector(".groups");
  if (groups.size < 2) list.remove();
  for (const [name, hits] of groups) {
    const item = document.createElement("li");
    const link = Object.assign(document.createElement("a"), { href: `#${slug(name)}`, textContent: several(name, hits[0].found) });
    item.append(link, ` ${number(hits[0].found)}${more}`);
    list.append(item);
  }
  find("keys").hidden = !groups.has("claim");
  return [page, ...[...groups].map(([name, hits]) => showGroup(name, hits, details, more))];
}

function groupRows(rows) {
  const groups = new Map();
  for (const row of rows) groups.set(row.kind, [...(groups.get(row.kind) ?? []), row]);
  return groups;
}

function showGroup(name, hits, details, more) {
  const { found } = hits[0];
  const shown = kind || hits.length <= LONG ? hits : hits.slice(0, BEST);
  const group = copy("group");
  const plural = `${name[0].toUpperCase()}${name.slice(1)}s `;
  group.querySelector("section").setAttribute("aria-labelledby", slug(name));
  group.querySelector("h2").id = slug(name);
  group.querySelector("h2").prepend(plural);
  group.querySelector("h2 span").textContent = `${number(found)}${more}`;
  group.querySelector("ol").append(...shown.map((row) => showHit(row, details.get(row.row_id))));
  const rest = found - shown.length;
  const next = group.querySelector(".next");
  if (!rest) next.remove();
  else if (kind) next.textContent = `The best ${shown.length} are shown.`;
  else {
    next.firstChild.textContent = `${number(rest)}${more} more ${several(name, rest)}`;
    next.firstChild.href = address(q, name);
  }
  return group;
}

function showHit(row, detail) {
  const hit = copy("hit");
  const ofSource = row.kind === "claim" || row.kind === "passage";
  const place = detail ? `${row.source}, passage ${detail.position}` : row.source ?? "";
  const title = row.title === row.kind ? "" : row.title;
  const isNamed = title.includes("⟦");
  const link = hit.querySelector("h3 a");
  link.href = findPage(row, detail);
  link.append(...embolden(row.kind === "passage" ? place : title || row.row_id));
  set(hit, ".section", row.kind === "passage" && title);
  set(hit, ".words", row.snippet).classList.toggle("src", ofSource);
  set(hit, ".names .src", row.names);
  set(hit, ".names .as", row.kind === "source" ? "Title" : "Named");
  if (!row.names || isNamed) hit.querySelector(".names").remove();
  set(hit, ".asked span", row.asked);
  if (!row.asked || isNamed) hit.querySelector(".asked").remove();
  const isTold = isNamed || `${row.snippet}${row.names}${row.asked}`.includes("⟦");
  set(hit, ".notes", !isTold && row.notes);
  set(hit, ".of", row.kind === "reference" && row.source);
  if (row.kind === "claim" && detail) fillTags(hit, detail, place, row.row_id);
  else hit.querySelector(".tags").remove();
  return hit;
}

function fillTags(hit, detail, place, claimId) {
  const stance = detail.stance && find("stances").content.querySelector(`.${detail.certainty} .${detail.stance}`);
  if (stance) hit.querySelector(".tags").prepend(...stance.cloneNode(true).childNodes);
  set(hit, ".type", detail.claim_type.replaceAll("_", " "));
  set(hit, ".tags .hedge", detail.hedge);
  if (!detail.hedge) hit.querySelector(".hedged").remove();
  set(hit, ".place", place).href = findSource(detail.source_id, detail.position, claimId);
}

// The page of what was found.
function findPage(row, detail) {
  if (row.kind === "passage") return findSource(detail.source_id, detail.position, `p${detail.position}`);
  return findRow(`${slug(row.kind).replaceAll("-", "_")}_id`, row.row_id);
}

// The element with the text, matches in bold; taken out when there is none.
function set(part, selector, text) {
  const element = part.querySelector(selector);
  if (text) element.replaceChildren(...embolden(text.trim()));
  else element.remove();
  return element;
}

function embolden(text) {
  return text.split(/[⟦⟧]/).map((piece, place) => {
    if (place % 2 === 0) return piece;
    return Object.assign(document.createElement("b"), { textContent: piece });
  });
}

async function showNothing() {
  const page = copy("nothing");
  page.querySelector(".asked").textContent = `“${q.slice(0, 200)}”`;
  const words = [...new Set(q.slice(0, MOST_SIGNS).replaceAll('"', " ").split(/\s+/).filter(Boolean))];
  if (words.length < 2) page.querySelector(".alone").remove();
  for (const word of words.length < 2 ? [] : words.slice(0, MOST_WORDS)) {
    const rows = await ask(sql, { q: word, kind: "" });
    const count = [...new Map(rows.map((row) => [row.kind, row.found])).values()].reduce((sum, found) => sum + found, 0);
    const item = document.createElement("li");
    const name = Object.assign(document.createElement(count ? "a" : "span"), { textContent: word });
    if (count) name.href = address(word);
    else name.className = "q3";
    item.append(name, ` ${number(count)}${count >= MOST_ROWS ? "+" : ""}`);
    page.querySelector(".alone ul").append(item);
  }
  return [page];
}

function address(words, of = "") {
  return `?${new URLSearchParams(of ? { q: words, kind: of } : { q: words })}`;
}

function slug(name) {
  return name.replaceAll(" ", "-");
}
