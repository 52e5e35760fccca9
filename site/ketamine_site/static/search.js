// Search of everything: the site's own query, asked in this tab, its rows in sections as a server would show them.

import { Database } from "../static/database.js";
import { findRow } from "../static/places.js";
import { findSource } from "./documents.js";

// As the query itself has it: what it reads of the words.
const [MOST_SIGNS, MOST_WORDS] = [400, 16];
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
// What is no row of a table of entities has no name of its own to show.
const ANSWERS = ["question", "query", "claim type"];

const find = (id) => document.querySelector(`#${id}`);
const copy = (id) => find(id).content.cloneNode(true);
const number = (count) => count.toLocaleString("en");
const split = (words) => (words ? words.split("; ") : []);
const { shown: most, headings, nearest } = JSON.parse(find("sections").textContent);
const sql = find("sql-query").textContent;
const database = new Database(find("database").href);

const asked = new URLSearchParams(location.search);
const q = asked.get("q") ?? "";
const kind = asked.get("kind") ?? "";
for (const field of document.querySelectorAll("[name=q]")) field.value = q;
if (q.trim()) search();
else find("found").append(copy("hint"), copy("places"));

async function search() {
  document.title = `${q.slice(0, 80)} – ${document.title}`;
  find("cut").hidden = q.length <= MOST_SIGNS && q.split(/\s+/).filter(Boolean).length <= MOST_WORDS;
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
  const counts = new Map(rows.map((row) => [row.kind, row.found]));
  const page = copy("results");
  const total = [...counts.values()].reduce((sum, found) => sum + found, 0);
  page.querySelector("h2").textContent = `${number(total)} found${kind && ` of the kind ${kind}`}`;
  set(page, ".all", kind && "all kinds").href = address(q);
  find("keys").hidden = !counts.has("claim");
  const sections = groupBy(rows, (row) => row.section);
  return [...showReading(rows[0]), page, ...sections.map((hits) => showSection(hits, details, counts))];
}

// What was made of the words: corrected, missing, left out.
function showReading(row) {
  const told = split(row.corrected).map((entry) => {
    const [typed, word] = entry.split(": ");
    const line = copy("corrected");
    line.querySelector(".typed").textContent = typed;
    line.querySelector("b").textContent = word;
    return line;
  });
  const missing = split(row.missing);
  if (missing.length) {
    const line = copy("missing");
    line.querySelector(".typed").textContent = missing.map((word) => `“${word}”`).join(", ");
    line.querySelector(".these").textContent = missing.length === 1 ? "this word" : "these words";
    told.push(line);
  }
  const dropped = split(row.dropped);
  if (dropped.length) {
    const line = copy("dropped");
    line.querySelector(".typed").append(...dropped.flatMap((word, place) => [place ? ", " : "", link(word, address(word))]));
    told.push(line);
  }
  return told;
}

function groupBy(items, name) {
  const runs = [];
  for (const item of items) {
    if (runs.length && name(runs.at(-1)[0]) === name(item)) runs.at(-1).push(item);
    else runs.push([item]);
  }
  return runs;
}

function showSection(hits, details, counts) {
  const [{ section: name }] = hits;
  const shown = kind ? hits : hits.slice(0, most[name]);
  const section = copy("section");
  const heading = section.querySelector("h2");
  section.querySelector("section").setAttribute("aria-labelledby", name);
  heading.id = name;
  heading.textContent = headings[name];
  const runs = groupBy(shown, (row) => (row.kind === "claim" ? row.passage_id : row.row_id));
  section.querySelector("ol").append(...runs.map((run) => showRun(run, details)));
  const more = kind ? [] : listMore(hits, shown, counts);
  const next = section.querySelector(".next");
  if (!more.length) next.remove();
  next.append(...more.flatMap(([of, count], place) => {
    const words = `${count > 1 ? `All ${number(count)}` : "1"} ${of === "query" ? "ready-made question" : of}${count === 1 ? "" : "s"}`;
    return [place ? " · " : "", link(words, address(q, of))];
  }));
  return section;
}

// The kinds of a section of which not all are shown.
function listMore(hits, shown, counts) {
  if (hits.length === shown.length) return [];
  const cut = new Set(hits.slice(shown.length).map((hit) => hit.kind));
  const count = (of) => hits.filter((hit) => hit.kind === of).length;
  return [...counts].filter(([of, found]) => cut.has(of) || (count(of) && found > count(of)));
}

function showRun(run, details) {
  return run[0].kind === "claim" ? showClaims(run, details) : showHit(run[0], details.get(run[0].row_id));
}

// The claims of one passage, below its words.
function showClaims(run, details) {
  const [row] = run;
  const detail = details.get(row.row_id);
  const item = copy("claims");
  set(item, ".words", row.snippet);
  set(item, ".place", `${row.source}, passage ${detail.position}`).href = findSource(detail.source_id, detail.position, row.row_id);
  for (const claim of run) item.querySelector("li").append(...showClaim(claim, details.get(claim.row_id)));
  if (row.section === "pages") item.querySelector("li").className = "page-hit";
  return item;
}

function showClaim(row, detail) {
  const claim = copy("claim");
  const page = claim.querySelector("h3 a");
  page.href = findRow("claim_id", row.row_id);
  page.append(...embolden(row.title));
  const stance = detail.stance && find("stances").content.querySelector(`.${detail.certainty} .${detail.stance}`);
  if (stance) claim.querySelector(".tags").prepend(...stance.cloneNode(true).childNodes);
  set(claim, ".type", detail.claim_type.replaceAll("_", " "));
  set(claim, ".tags .hedge", detail.hedge);
  if (!detail.hedge) claim.querySelector(".hedged").remove();
  return claim.querySelector("div").childNodes;
}

function showHit(row, detail) {
  const hit = copy("hit");
  const isPassage = row.kind === "passage";
  const place = detail ? `${row.source}, passage ${detail.position}` : row.source ?? "";
  const title = row.title === row.kind ? "" : row.title;
  const isNamed = title.includes("⟦");
  const page = hit.querySelector("h3 a");
  page.href = findPage(row, detail);
  page.append(...embolden(isPassage ? place : title || row.row_id));
  if (row.section === "pages") hit.querySelector("li").className = "page-hit";
  set(hit, ".eye", row.section === "pages" && nameKind(row));
  set(hit, ".place-in", isPassage && title);
  set(hit, ".words", row.snippet).classList.toggle("src", isPassage);
  set(hit, ".names .src", row.names);
  set(hit, ".names .as", row.kind === "source" ? "Title" : "Named");
  if (!row.names || isNamed) hit.querySelector(".names").remove();
  set(hit, ".asked span", row.asked);
  if (!row.asked || isNamed || row.kind === "reference" || ANSWERS.includes(row.kind)) hit.querySelector(".asked").remove();
  const isTold = isNamed || `${row.snippet}${row.names}${row.asked}`.includes("⟦");
  set(hit, ".notes", !isTold && row.notes);
  set(hit, ".of", row.kind === "reference" && row.source);
  return hit;
}

function nameKind({ kind: of, title }) {
  if (of !== "query") return of;
  return title.endsWith("?") ? "question" : "page";
}

// The page of what was found.
function findPage(row, detail) {
  if (row.kind === "passage") return findSource(detail.source_id, detail.position, `p${detail.position}`);
  const page = find("pages").content.querySelector(`[data-page="${CSS.escape(`${row.kind}:${row.row_id}`)}"]`);
  return page ? page.href : findRow(`${row.kind.replaceAll(" ", "_")}_id`, row.row_id);
}

function link(words, href) {
  return Object.assign(document.createElement("a"), { href, textContent: words });
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
  const [word] = q.slice(0, MOST_SIGNS).toLowerCase().split(/\s+/).filter(Boolean).sort((one, other) => other.length - one.length);
  const rows = word ? await ask(nearest, { word }) : [];
  if (!rows.length) page.querySelector(".nearest").remove();
  for (const row of rows) {
    const item = document.createElement("li");
    item.append(link(row.title, findPage(row)));
    page.querySelector(".nearest ul").append(item);
  }
  return [page, copy("places")];
}

function address(words, of = "") {
  return `?${new URLSearchParams(of ? { q: words, kind: of } : { q: words })}`;
}
