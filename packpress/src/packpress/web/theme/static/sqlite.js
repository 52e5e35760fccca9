// SQLite in a thread of its own, so that a statement that never ends can be ended with its thread.

// A longer value, and more memory, would only take the tab along.
const LONGEST_VALUE = 10_000_000;
const MOST_MEMORY = 500_000_000;
const LONGEST_FILE = 100_000_000;
// SQLite's own places for files, none of which is used; it would tell the console that they are missing.
const UNUSED = ["opfs", "opfs-vfs", "opfs-sahpool", "opfs-wl", "kvvfs"];
const REST = /^(?:\s|;|--[^\n]*(?:\n|$)|\/\*[^]*?(?:\*\/|$))*/;

let tell;
const opened = new Promise((resolve) => { tell = resolve; });

onmessage = async ({ data }) => {
  if (data.bytes) return tell(open(new Uint8Array(data.bytes)));
  try {
    const engine = await opened;
    postMessage({ id: data.id, answer: (data.isFile ? writeFile : readRows)(engine, data) });
  } catch (error) {
    postMessage({ id: data.id, error: explain(error) });
  }
};

// The database in memory, which nobody can write to.
async function open(bytes) {
  globalThis.sqlite3ApiConfig = { disable: { vfs: Object.fromEntries(UNUSED.map((name) => [name, true])) } };
  const { default: start } = await import("../vendor/sqlite-wasm/sqlite3.js");
  const { capi, oo1, wasm } = await start();
  const db = new oo1.DB(":memory:");
  const flags = capi.SQLITE_DESERIALIZE_FREEONCLOSE | capi.SQLITE_DESERIALIZE_READONLY;
  const place = wasm.allocFromTypedArray(bytes);
  db.checkRc(capi.sqlite3_deserialize(db.pointer, "main", place, bytes.length, bytes.length, flags));
  capi.sqlite3_limit(db.pointer, capi.SQLITE_LIMIT_LENGTH, LONGEST_VALUE);
  db.exec(`pragma query_only = on; pragma hard_heap_limit = ${MOST_MEMORY}`);
  return { capi, db };
}

// The first rows, and whether there are more.
function readRows(engine, { sql, values, most }) {
  return ask(engine, sql, values, (statement) => {
    const answer = { columns: statement.getColumnNames([]), rows: [], isCut: false };
    while (statement.step()) {
      if (answer.rows.length === most) { answer.isCut = true; break; }
      answer.rows.push(statement.get([]));
    }
    return answer;
  });
}

// Every row as a file of comma-separated values.
function writeFile(engine, { sql, values }) {
  return ask(engine, sql, values, (statement) => {
    let text = write(statement.getColumnNames([]));
    const parts = [];
    for (let size = 0; statement.step();) {
      text += write(statement.get([]));
      if (text.length < 1_000_000) continue;
      size += text.length;
      if (size > LONGEST_FILE) throw new Error("The file would be larger than 100 MB; ask for fewer rows or columns.");
      parts.push(text);
      text = "";
    }
    return new Blob([...parts, text], { type: "text/csv" });
  });
}

function ask({ capi, db }, sql, values, read) {
  const statement = prepare(db, sql);
  try {
    const first = capi.sqlite3_sql(statement.pointer);
    const begin = sql.indexOf(first) + first.length;
    if (sql.slice(begin).replace(REST, "")) throw new Error("Ask one statement at a time.");
    if (!statement.columnCount) throw new Error("This statement asks for no rows. Begin with select.");
    const missing = [];
    for (let place = 1; place <= statement.parameterCount; place++) {
      const name = capi.sqlite3_bind_parameter_name(statement.pointer, place);
      if (!name) throw new Error("Give each value a name, such as :port, in place of a question mark.");
      if (!(name.slice(1) in values)) missing.push(name.slice(1));
      else statement.bind(place, values[name.slice(1)]);
    }
    return missing.length ? { missing } : read(statement);
  } finally {
    statement.finalize();
  }
}

function prepare(db, sql) {
  try {
    return db.prepare(sql);
  } catch (error) {
    // What the library says of a text without a statement.
    if (/empty/.test(error.message)) throw new Error("There is no statement to run.");
    throw error;
  }
}

function write(cells) {
  const texts = cells.map((cell) => {
    const text = cell === null ? "" : String(cell);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  });
  return `${texts.join(",")}\n`;
}

// The words of SQLite itself, without the name of its code.
function explain(error) {
  return error.message.replace(/^SQLITE_\w+: /, "").replace(/^sqlite3 result code \d+: /, "");
}
