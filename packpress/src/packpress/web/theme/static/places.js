// Where the pages of this site are, seen from the page that this is.

export const home = document.querySelector(".mast a.site").href;
const rows = JSON.parse(document.querySelector("#rows").textContent);

// The page of the row whose key a column of that name holds, or nothing when it has none.
export function findRow(column, key) {
  // A plain `id` is the key of its own table only; `first_boat_id` holds that of a boat.
  const holds = (known) => column === known || (known.includes("_") && column.endsWith(`_${known}`));
  const name = Object.keys(rows).find(holds);
  if (!name || !/^[\w-]+$/.test(key)) return undefined;
  return new URL(`${rows[name]}/${key}/`, home).href;
}
