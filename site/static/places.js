// Where the pages of this site are, seen from the page that this is.

const home = document.querySelector(".mast a.site").href;
const { database, rows, lengths, part } = JSON.parse(document.querySelector("#places").textContent);

// The page of the row whose key a column of that name holds, or nothing when it has none.
export function findRow(column, key) {
  const name = Object.keys(rows).find((known) => column === known || column.endsWith(`_${known}`));
  if (!name || !/^[\w-]+$/.test(key)) return undefined;
  return name === "source_id" ? findSource(key) : new URL(`${database}/${rows[name]}/${key}/`, home).href;
}

// A document, or a place in it: `position` is that of the passage, `anchor` what it is called there.
export function findSource(sourceId, position = 0, anchor = "") {
  const first = Math.floor((position - 1) / part) * part + 1;
  const folder = position && lengths[sourceId] > part ? `at=${first}/` : "";
  return new URL(`sources/${sourceId}/${folder}${anchor && `#${anchor}`}`, home).href;
}
