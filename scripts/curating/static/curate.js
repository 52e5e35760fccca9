// What selecting words needs, keys, and errors while one types. Every page works without it.
const FIELDS = { q: "quote", f: "focus", h: "hedge", l: "qualifier", d: "dose", u: "duration_of_effect", t: "attributed_to", e: "evidence_basis" };
const WAIT = 500;

function isTyping(target) {
  return target.closest("input:not([type=checkbox]), select, textarea:not([aria-readonly])") !== null;
}

// ---- the text: words that are selected become the quote of a new claim, or begin the second part of a passage ----
function findSelected() {
  const selection = document.getSelection();
  const place = selection.anchorNode && selection.anchorNode.parentElement.closest("[data-passage]");
  if (!place || selection.isCollapsed || !place.contains(selection.focusNode)) return null;
  const range = document.createRange();
  range.setStart(place, 0);
  const chosen = selection.getRangeAt(0);
  range.setEnd(chosen.startContainer, chosen.startOffset);
  // As a range has them: a selection makes other spaces of no-break ones.
  return describeWords(place.dataset.passage, place.textContent, range.toString().length, chosen.toString());
}

function describeWords(id, text, start, chosen) {
  const words = chosen.trim();
  const at = start + chosen.indexOf(words);
  const recurs = text.split(words).length > 2;
  return words && { id, words, occurrence: recurs ? String(countBefore(words, text, at)) : "" };
}

function countBefore(words, text, at) {
  let count = 1;
  for (let place = text.indexOf(words); place >= 0 && place < at; place = text.indexOf(words, place + words.length)) count += 1;
  return count;
}

function claimSelected() {
  const found = findSelected();
  if (!found) return;
  location.assign(`/passages/${found.id}?${new URLSearchParams({ quote: found.words, occurrence: found.occurrence })}`);
}

function splitSelected() {
  const found = findSelected();
  if (found) location.assign(`/passages/${found.id}/cut?${new URLSearchParams({ before: found.words, occurrence: found.occurrence })}#before`);
}

const rows = [...document.querySelectorAll(".row3:has([data-keys]), section[data-keys]")];

function step(by) {
  const focused = rows.findIndex((row) => row.contains(document.activeElement));
  // After a save, the page is at the row that was saved.
  const here = focused >= 0 ? focused : rows.findIndex((row) => `#${row.id}` === location.hash);
  const next = rows[Math.min(Math.max(here + by, 0), rows.length - 1)];
  if (next) next.querySelector("[data-key]").focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey && event.key === "Enter") {
    const form = event.target.closest("form") || document.querySelector("form:has([data-save])");
    if (form) form.requestSubmit(form.querySelector("[data-save]") || undefined);
    return;
  }
  if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
  const offer = event.target.closest("[data-keys]");
  const button = offer && offer.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (button) {
    event.preventDefault();
    button.click();
  } else if (event.key === "n" && document.querySelector("[data-passage]")) claimSelected();
  else if (event.key === "s" && document.querySelector("[data-cut]")) splitSelected();
  else if (event.key === "j" && rows.length) step(1);
  else if (event.key === "k" && rows.length) step(-1);
});

// ---- one passage: a key puts the selected words into a field ----
const text = document.getElementById("text");
const form = document.querySelector("form[data-check]");

if (text) {
  // Chromium moves no cursor in what is read-only, so that nobody could select words by keyboard there.
  const printed = text.value;
  text.readOnly = false;
  text.inputMode = "none";
  text.spellcheck = false;
  text.setAttribute("aria-readonly", "true");
  text.addEventListener("beforeinput", (event) => event.preventDefault());
  text.addEventListener("input", () => (text.value = printed));
}

function put(name, words) {
  const field = document.getElementById(name);
  if (!field) return;
  const fold = field.closest("details");
  if (fold) fold.open = true;
  const old = field.value;
  field.value = words;
  // The focus is the whole quote until somebody says otherwise.
  const focus = document.getElementById("focus");
  if (name === "quote" && focus && focus.value === old) focus.value = words;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function putMention(words) {
  const blank = [...document.querySelectorAll("[id^='link.'][id$='.mention']")].find((field) => !field.value);
  if (!blank) return;
  put(blank.id, words);
  document.getElementById(blank.id.replace("mention", "entity")).focus();
}

if (form) {
  if (text) text.addEventListener("keydown", (event) => {
    const chosen = text.value.slice(text.selectionStart, text.selectionEnd);
    const words = chosen.trim();
    if (!words || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "m") putMention(words);
    else if (FIELDS[event.key]) put(FIELDS[event.key], words);
    else return;
    event.preventDefault();
    if (event.key === "q") put("quote_occurrence", describeWords("", text.value, text.selectionStart, chosen).occurrence);
  });

  // ---- errors at their fields, by the rules, while somebody types ----
  let clock = 0;
  let asked = 0;
  const said = document.getElementById("checked");
  // What is filled in below a fold is told on it, since nobody would see it there.
  const tellFilled = () => {
    for (const place of form.querySelectorAll("[data-filled]")) {
      const fields = [...place.closest("details").querySelectorAll("select[data-usual], input.f")].filter((field) => !field.value);
      const told = fields.map((field) => [field.labels[0].firstChild.textContent.trim(), field.options ? field.options[0].textContent.split(": ")[1] : field.placeholder]);
      place.textContent = told.filter(([, usual]) => usual).map(([name, usual]) => `${name}: ${usual}`).join(" ");
    }
  };
  const show = (answer) => {
    for (const place of form.querySelectorAll("[data-wrong]")) {
      const field = document.getElementById(place.dataset.wrong);
      const message = answer.errors[place.dataset.wrong] || "";
      // Nobody is told that a field is empty before the form is sent.
      const isEmpty = field ? !field.value && field.type !== "checkbox" : !form.querySelector(`[name="${place.dataset.wrong}"]:checked`);
      place.textContent = isEmpty && !place.dataset.sent ? "" : message;
      if (field) field.toggleAttribute("aria-invalid", Boolean(place.textContent));
      if (field && place.textContent) field.setAttribute("aria-invalid", "true");
    }
    for (const [name, usual] of Object.entries(answer.usual || {})) {
      const field = document.getElementById(name);
      if (!field || field.value) continue;
      if (!field.options) field.placeholder = usual;
      // A guess is named as one, where a reader would choose.
      else if (field.dataset.usual) field.options[0].textContent = usual ? `${field.dataset.usual}: ${usual.replaceAll("_", " ")}` : "—";
    }
    tellFilled();
    said.textContent = answer.general.join("; ");
  };
  const check = async () => {
    const number = (asked += 1);
    try {
      const answer = await fetch(form.dataset.check, { method: "POST", body: new URLSearchParams(new FormData(form)) });
      if (number === asked && answer.ok) show(await answer.json());
      else if (number === asked) said.textContent = "The server does not know this page any more: reload it before you save.";
    } catch {
      said.textContent = "The server has ended. What you typed is kept in this browser: start make curate again and reload the page.";
    }
    if (number === asked) form.dataset.state = "checked";
  };
  for (const place of form.querySelectorAll("[data-wrong]:not(:empty)")) place.dataset.sent = "1";
  const quote = document.getElementById("quote");
  const focus = document.getElementById("focus");
  let last = quote && quote.value;
  if (quote && focus) quote.addEventListener("input", () => {
    if (focus.value === last) focus.value = quote.value;
    last = quote.value;
  });
  form.addEventListener("input", () => {
    clearTimeout(clock);
    // An answer on what was in the form before is of no use any more.
    asked += 1;
    form.dataset.state = "changed";
    clock = setTimeout(check, WAIT);
    keep();
  });

  // ---- what was typed and not saved outlives the browser and the server ----
  const place = `typed ${location.pathname}${new URLSearchParams(location.search).get("claim") || ""}`;
  const read = () => [...new FormData(form)].filter(([name]) => !["form_token", "version", "claim"].includes(name));
  const keep = () => localStorage.setItem(place, JSON.stringify(read()));
  const restore = (typed) => {
    for (const box of form.querySelectorAll("[type=checkbox], [type=radio]")) box.checked = false;
    for (const [name, value] of typed) {
      const field = form.elements.namedItem(name);
      if (field && field.type === "checkbox") field.checked = true;
      else if (field) field.value = value;
    }
    check();
  };
  const kept = localStorage.getItem(place);
  if (kept && kept !== JSON.stringify(read())) {
    const bar = document.createElement("p");
    const button = document.createElement("button");
    bar.className = "message";
    button.className = "btn quiet";
    button.type = "button";
    button.textContent = "Bring back what was typed here and not saved";
    button.addEventListener("click", () => {
      restore(JSON.parse(kept));
      bar.remove();
    });
    bar.append(button);
    form.before(bar);
  }
  form.addEventListener("submit", () => sessionStorage.setItem("sent", place));
  const first = document.querySelector("[aria-invalid=true]") || document.getElementById("statement");
  if (first && !location.hash) first.focus();
}

// ---- the cut of a passage: it is split before the words selected, or before the word at the cursor ----
const before = document.getElementById("before");

if (text && before) {
  text.addEventListener("keydown", (event) => {
    if (event.key !== "s" || event.ctrlKey || event.altKey || event.metaKey) return;
    const end = text.selectionEnd > text.selectionStart ? text.selectionEnd : text.value.length;
    const found = describeWords("", text.value, text.selectionStart, text.value.slice(text.selectionStart, end));
    if (!found) return;
    before.value = found.words;
    document.getElementById("occurrence").value = found.occurrence;
    before.focus();
    event.preventDefault();
  });
  const wrong = document.querySelector("[aria-invalid=true]");
  if (wrong) wrong.focus();
}

const message = document.querySelector(".message[role=status]");
if (message && message.textContent.startsWith("Saved")) {
  localStorage.removeItem(sessionStorage.getItem("sent") || "");
  sessionStorage.removeItem("sent");
}
