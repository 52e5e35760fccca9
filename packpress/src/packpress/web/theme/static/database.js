// The published database in this tab: it is fetched once, and asked in a thread that can be stopped.

export class Database {
  #bytes;
  #worker;
  #waiting = new Map();
  #asked = 0;

  constructor(url) {
    this.url = url;
  }

  // The rows of a statement, at most so many; or `missing`, the names of values that it needs.
  ask(sql, values = {}, most = 2000) {
    return this.#send({ sql, values, most });
  }

  // Every row of a statement as a file.
  take(sql, values = {}) {
    return this.#send({ sql, values, isFile: true });
  }

  // Ends whatever runs; the next question starts anew.
  stop() {
    this.#fail(new Error("Stopped."));
  }

  #send(question) {
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      // It may have been stopped before the database had come.
      const post = () => this.#waiting.has(id) && this.#worker.postMessage({ id, ...question });
      this.#start().then(post).catch((error) => this.#fail(error));
    });
  }

  async #start() {
    this.#bytes ??= fetchBytes(this.url);
    const bytes = await this.#bytes.catch((error) => { this.#bytes = undefined; throw error; });
    if (this.#worker) return;
    this.#worker = new Worker(new URL("sqlite.js", import.meta.url), { type: "module" });
    this.#worker.onmessage = ({ data }) => {
      const { resolve, reject } = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      if (data.error === undefined) resolve(data.answer);
      else reject(new Error(data.error));
    };
    this.#worker.onerror = () => this.#fail(new Error("SQLite does not start in this browser."));
    this.#worker.postMessage({ bytes });
  }

  #fail(error) {
    this.#worker?.terminate();
    this.#worker = undefined;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

async function fetchBytes(url) {
  const answer = await fetch(url).catch(() => undefined);
  if (!answer?.ok) throw new Error(`The database cannot be fetched from ${url}.`);
  return answer.arrayBuffer();
}
