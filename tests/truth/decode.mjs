// Decodes streams with React's own client and writes, as JSON, what it made of every row.
//
//   node decode.mjs <directory or file>... --out DIR [--version 16.4.6]...
//
// The client is that of the newest release, or of the releases named. Below DIR the files are named like the streams,
// relative to the directory given, with .json for .txt; what a second client makes of a stream is written beside it as
// <name>.<version>.json, and only where it is something else. Objects have ids, so that shared ones and cycles can be
// told: {"t":"ref","id":3} is the object first met as {…,"id":3}.
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { parseArgs } from "node:util";

import { client, moduleOf, VERSIONS } from "./react.mjs";

const CLOSED = "Connection closed.";

// A stream of bytes takes the memory of what is put in, and up to React 19.2 that is the memory of all rows still to come.
const Stream = globalThis.ReadableStream;
globalThis.ReadableStream = class ReadableStream extends Stream {
  constructor(source, strategy) {
    super({ start: source.start, pull: source.pull, cancel: source.cancel }, strategy);
  }
};

/** Decode a stream; return [row number, promise of its value] of every row that the client knows. */
export async function rows(version, bytes) {
  const { known } = start(version, bytes);
  await new Promise((resolve) => setTimeout(resolve, 5)); // the end of the stream settles what is still open
  return [...known.entries()].sort(([a], [b]) => a - b);
}

/** Hand a stream to the client; return what it gives out at once: the promise of the root, and all rows it knows. */
export function start(version, bytes) {
  const { createFromReadableStream } = client(version);
  const stream = new Stream({
    pull(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });
  let known;
  const restore = spyOnMaps((map) => (known ??= map));
  const root = createFromReadableStream(stream, { callServer: (id, args) => ({ id, args }) });
  restore();
  root.then(
    () => {},
    () => {},
  );
  return { root, known };
}

/** The client keeps its rows in a Map that it sets up first and never gives out: watch for that one. */
function spyOnMaps(found) {
  const Original = globalThis.Map;
  globalThis.Map = class extends Original {
    constructor(...args) {
      super(...args);
      found(this);
    }
  };
  return () => (globalThis.Map = Original);
}

/** Return what React's client makes of every row of a stream, in JSON. */
export async function expectation(version, bytes) {
  const encode = encoder();
  const lines = [];
  for (const [row, chunk] of await rows(version, bytes)) lines.push(`"${row}":${JSON.stringify(await encode(chunk))}`);
  return `{\n${lines.join(",\n")}\n}\n`;
}

function encoder() {
  const ids = new Map();

  async function settled(promise) {
    try {
      return await encode(await promise);
    } catch (error) {
      if (error?.message === CLOSED) return { t: "missing" };
      return { t: "error", digest: error?.digest ?? "", ...(error?.digest === undefined && { message: String(error?.message) }) };
    }
  }

  async function drained(iterator) {
    const items = [];
    for (;;) {
      let next;
      try {
        next = await iterator.next();
      } catch (error) {
        if (error?.message !== CLOSED) items.push({ t: "error", digest: error?.digest ?? "" });
        return items;
      }
      if (next.done) return items;
      items.push(await encode(next.value));
    }
  }

  const all = async (values) => {
    const encoded = [];
    for (const value of values) encoded.push(await encode(value));
    return encoded;
  };

  async function object(value) {
    if (value.$$typeof === Symbol.for("react.transitional.element"))
      return { t: "element", v: await all([value.type, value.key, value.props]) };
    if (Array.isArray(value)) return { t: "list", v: await all(value) };
    if (value instanceof Map) return { t: "map", v: await all([...value].flat()) };
    if (value instanceof Set) return { t: "items", v: await all(value) };
    if (value instanceof FormData) return { t: "pairs", v: await all([...value].flat()) };
    if (value instanceof ReadableStream) {
      const reader = value.getReader();
      return { t: "items", v: await drained({ next: () => reader.read() }) };
    }
    if (Symbol.asyncIterator in value) return { t: "items", v: await drained(value[Symbol.asyncIterator]()) };
    if (Symbol.iterator in value) return { t: "items", v: await all(value) };
    const entries = {};
    for (const key of Object.keys(value)) {
      const encoded = await encode(value[key]);
      if (encoded?.t !== "undefined") entries[key] = encoded; // React keeps the key of a promise of undefined
    }
    return { t: "object", v: entries };
  }

  async function encode(value) {
    if (value === undefined) return { t: "undefined" };
    if (value === null || typeof value === "boolean" || typeof value === "string") return value;
    if (typeof value === "number")
      return Number.isFinite(value) && !Object.is(value, -0) ? value : { t: "number", v: Object.is(value, -0) ? "-0" : String(value) };
    if (typeof value === "bigint") return { t: "bigint", v: String(value) };
    if (typeof value === "symbol") return { t: "symbol", v: Symbol.keyFor(value) };
    if (typeof value === "function") return { t: "function", v: (await value()).id };
    if (moduleOf(value)) return { t: "module", ...moduleOf(value) };
    if (value.$$typeof === Symbol.for("react.lazy")) return settled(value._payload);
    if (typeof value.then === "function") return settled(value);
    if (value instanceof Date) return { t: "date", v: value.toISOString() };
    if (value instanceof Error) return { t: "error", digest: value.digest ?? "" };
    if (value instanceof ArrayBuffer) return { t: "bytes", v: Buffer.from(value).toString("base64") };
    if (ArrayBuffer.isView(value))
      return { t: "bytes", v: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64") };
    if (value instanceof Blob) return { t: "bytes", v: Buffer.from(await value.arrayBuffer()).toString("base64") };
    if (ids.has(value)) return { t: "ref", id: ids.get(value) };
    const id = ids.size;
    ids.set(value, id);
    const { t, v } = await object(value);
    return { t, id, v };
  }

  return encode;
}

async function* streams(path) {
  if (!(await stat(path)).isDirectory()) return yield [path, basename(path)];
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true }))
    if (entry.isFile() && entry.name.endsWith(".txt")) {
      const file = join(entry.parentPath ?? entry.path, entry.name);
      yield [file, relative(path, file)];
    }
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { out: { type: "string" }, version: { type: "string", multiple: true, default: [VERSIONS.at(-1)] } },
  });
  const [first, ...others] = values.version;
  for (const path of positionals)
    for await (const [file, name] of streams(path)) {
      const target = join(values.out, name.replace(/\.txt$/, ""));
      const bytes = await readFile(file);
      const expected = await expectation(first, bytes);
      await mkdir(dirname(target), { recursive: true });
      await writeFile(`${target}.json`, expected);
      for (const other of others) {
        const differently = await expectation(other, bytes);
        if (differently !== expected) await writeFile(`${target}.${other}.json`, differently);
      }
    }
}

if (process.argv[1] === new URL(import.meta.url).pathname) await main();
