// Where the documents are, and places in them, seen from the page that this is.

import { home } from "../static/places.js";

const { lengths, part } = JSON.parse(document.querySelector("#documents").textContent);

// A document, or a place in it: `position` is that of the passage, `anchor` what it is called there.
export function findSource(sourceId, position = 0, anchor = "") {
  const first = Math.floor((position - 1) / part) * part + 1;
  const folder = position && lengths[sourceId] > part ? `at=${first}/` : "";
  return new URL(`sources/${sourceId}/${folder}${anchor && `#${anchor}`}`, home).href;
}
