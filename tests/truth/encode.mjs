// Writes, with React's own server of every release, streams that hold every value a server can send:
// streams/<version>/<case>.txt
//
//   node encode.mjs
import { mkdir, rm, writeFile } from "node:fs/promises";
import { PassThrough } from "node:stream";

import { server, VERSIONS } from "./react.mjs";

const wide = (length) => "Größe – 測定 😀 ".repeat(Math.ceil(length / 15)).slice(0, length);
const later = (value, turns = 1) =>
  new Promise((resolve) => (turns ? setImmediate(() => resolve(later(value, turns - 1))) : resolve(value)));

async function* counted(items, result) {
  for (const item of items) {
    await later();
    yield item;
  }
  return result;
}

function readable(items, type) {
  const waiting = [...items];
  return new ReadableStream({
    type,
    async pull(controller) {
      await later();
      if (waiting.length) controller.enqueue(waiting.shift());
      else controller.close();
    },
  });
}

const failing = (message) => Object.assign(new Error(message), { digest: `digest of ${message}` });

const cases = {
  scalars: () => ({
    numbers: [0, -0, 1.5, 1e21, 123456789012345680000, 5e-324, NaN, Infinity, -Infinity],
    integers: [12n, -12n, 2n ** 100n],
    words: [true, false, null, undefined],
    absent: undefined,
    dates: [new Date(0), new Date("2021-03-04T05:06:07.089Z"), new Date(8.64e15), new Date(-62198755200000), new Date(NaN)],
    symbols: [Symbol.for("study"), Symbol.for("study"), Symbol.for("")],
  }),
  strings: () => ({
    dollars: ["$", "$$", "$1", "$L1", "$undefined", "$$15", "$Q", "-$", ""],
    escapes: 'quote " backslash \\ line\nfeed \u2028 \u2029 \u0085 \u0000 \u007f tab\t',
    surrogates: ["\ud83d", "half \ude00 pair", "😀"],
    html: "<script>self.__next_f.push([1,\"0:null\"])</script>&amp;",
    "key:with:colons": { deep: [1] },
    "": "an empty key",
    "$1": "a key that looks like a reference",
    '"quoted"': 1,
  }),
  prototypes: () => ({ own: JSON.parse('{"__proto__":{"polluted":true},"constructor":1}'), list: [{ ["__proto__"]: 1 }] }),
  texts: () => {
    const again = wide(1500);
    return {
      just: "a".repeat(1024),
      short: "a".repeat(1023),
      wide: wide(1024),
      rows: `${"\n1f:T10,0:{\"x\":1}\n2:I[1]\n".repeat(40)}`,
      dollars: "$".repeat(1100),
      reference: `$1${" ".repeat(1100)}`,
      separators: "\u2028\u2029\u0085\u000b\r\n".repeat(200),
      half: `${"x".repeat(1100)}\ud83d`,
      twice: [again, again],
    };
  },
  shared: () => {
    const creator = { name: "Depositor A", roles: ["depositor"] };
    const tags = ["a", "b"];
    const cyclic = { tags };
    cyclic.self = cyclic;
    cyclic.list = [cyclic, tags, [cyclic]];
    return { creator, again: [creator, creator.roles], tags, cyclic, same: cyclic.list, colon: { "a:b": tags }, empty: [{}, [], {}] };
  },
  maps: () => {
    const study = { title: "A study" };
    const shared = new Map([["study", study]]);
    return {
      study,
      plain: new Map([["a", 1], ["b", [2]], ["u", undefined], ["__proto__", 3]]),
      keys: new Map([[1, "number"], [1n, "integer"], [true, "word"], ["1", "text"], [null, "null"], [undefined, "undefined"]]),
      unhashable: new Map([[study, "object"], [["a"], "list"], [new Map([[1, 2]]), "map"]]),
      rare: new Map([[NaN, 1], [new Date(0), 2], [Symbol.for("key"), 3], ["$", 4], [wide(1100), 5]]),
      empty: [new Map(), new Set()],
      nested: new Map([["m", new Map([["m", new Map([["deep", true]])]])]]),
      shared: [shared, shared, { study }],
      set: new Set(["a", 1, study, new Set([study]), undefined]),
    };
  },
  binary: () => {
    const bytes = Uint8Array.from({ length: 24 }, (_, index) => (index * 37 + 10) % 256);
    const view = (Type) => new Type(bytes.buffer.slice(0));
    const one = view(Uint8Array);
    return {
      buffer: bytes.buffer,
      views: [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array].map(view),
      wide: [Float32Array, Float64Array, BigInt64Array, BigUint64Array, DataView].map(view),
      part: new Uint8Array(bytes.buffer, 5, 7),
      empty: new Uint8Array(0),
      feeds: new TextEncoder().encode('\n0:"no row"\n1:T3,'),
      twice: [one, one],
      after: "text after binary rows",
    };
  },
  blobs: () => ({
    blob: new Blob(["A questionnaire, ", wide(40), new Uint8Array([0, 10, 255])], { type: "text/plain" }),
    empty: new Blob([]),
    promised: later(new Blob(["later"])),
  }),
  forms: () => {
    const form = new FormData();
    form.append("title", "A study");
    form.append("title", "$1");
    form.append("about", wide(1100));
    return { form, empty: new FormData() };
  },
  streams: () => ({
    text: readable(["short", wide(1200), "$1", { a: [1, { b: 2 }] }, undefined, null, 5n, new Uint8Array([1, 2, 10])]),
    bytes: readable([new Uint8Array([1, 10, 2]), new TextEncoder().encode("\n0:1\n"), new Uint8Array([255])], "bytes"),
    iterable: { [Symbol.asyncIterator]: () => counted(["a", { b: new Map([["c", new Date(0)]]) }, ["$"]], { returned: true }) },
    iterator: counted([1, Symbol.for("s"), later("promised")], undefined),
    returning: counted([], "a return value"),
    nested: readable([readable(["inner"])]),
    failing: { [Symbol.asyncIterator]: async function* () { yield "one"; throw failing("a stream"); } },
    iterators: [["a", "b"].values(), new Set([1, { two: 2 }]).values(), new Map([["k", 1]]).entries()],
    generated: { *[Symbol.iterator]() { yield 1; yield [2]; } },
  }),
  promises: () => {
    const study = { title: "promised twice" };
    const promise = later(study, 2);
    return {
      now: Promise.resolve("at once"),
      later: later({ deep: later([later(1n)]) }, 3),
      rejected: Promise.reject(failing("a promise")),
      twice: [promise, promise, { study }],
      undefined: later(undefined),
      long: later(wide(1100)),
      map: later(new Map([["k", later("v")]])),
    };
  },
  errors: () => ({ error: new Error("withheld"), list: [failing("an error"), new TypeError("withheld too")] }),
  modules: (react, { Widget, Other }) => ({
    component: Widget,
    element: react.createElement(Widget, { dataset: { title: "A study", when: new Date(0) } }),
    more: [react.createElement(Widget, { key: "k", id: 1 }), react.createElement(Other, null, "child", react.createElement("b", null, wide(1100)))],
  }),
  functions: (react, { action }) => ({ action, again: [action], bound: action.bind(null, { argument: 1 }, "two") }),
  elements: (react, { Widget }) => {
    const children = [react.createElement("li", { key: "a" }, "one"), react.createElement("li", { key: "$" }, "two")];
    const shared = { style: { color: "red" }, dataset: { creator: [{ name: "Organisation B" }] } };
    const Server = async ({ title }) => react.createElement("h1", null, await later(title));
    const Lazy = react.lazy(async () => ({ default: (props) => react.createElement("i", props) }));
    return react.createElement(
      "main",
      { id: "root", ...shared, style: shared.style },
      react.createElement(react.Fragment, { key: "f" }, children),
      react.createElement(Widget, { ...shared, names: shared.dataset.creator, map: new Map([["creator", shared.dataset.creator]]) }),
      react.createElement(Server, { title: "from a server component" }),
      react.createElement(react.Suspense, { fallback: "waiting" }, react.createElement(Lazy, { title: "lazy" })),
      ["$", "not", "an", { element: true }],
      react.createElement("p", { dangerouslySetInnerHTML: { __html: JSON.stringify({ "@type": "Dataset", name: wide(1100) }) } }),
      react.createElement("p", { dangerouslySetInnerHTML: { __html: JSON.stringify({ "@type": "Dataset", name: "short" }) } }),
    );
  },
  deferred: (react, { Widget }) => {
    const creator = { name: "Organisation C" };
    const dataset = (title) => ({ title, creator, keywords: ["a", "b"], description: wide(320), missing: undefined });
    const widgets = Array.from({ length: 12 }, (_, index) =>
      react.createElement(Widget, { key: index, dataset: dataset(`Study ${index}`), creators: [creator, [creator]] }),
    );
    return react.createElement("section", { creator }, widgets, react.createElement("div", null, react.createElement(Widget, { widgets: widgets[3] })));
  },
  root_text: () => wide(1030),
  root_null: () => null,
  root_undefined: () => undefined,
  root_map: () => new Map([["a", new Map()]]),
  root_failing: () => Promise.reject(failing("the root")),
};

function references({ registerClientReference, registerServerReference }) {
  const manifest = {};
  const component = (id, name, chunks) => {
    const reference = `${id}#${name}`;
    manifest[reference] = { id, name, chunks, async: name === "default" };
    return registerClientReference(() => {}, reference, name);
  };
  return {
    manifest,
    known: {
      Widget: component("app/a-widget-with-a-long-module-id.js", "Widget", ["12", "static/chunks/a-widget-0123456789abcdef.js"]),
      Other: component(53704, "default", ["12", "static/chunks/a-widget-0123456789abcdef.js", "13", "static/chunks/other.js"]),
      action: registerServerReference(async () => {}, "00ff", "save"),
    },
  };
}

async function encode(version, make) {
  const react = server(version);
  const { manifest, known } = references(react);
  const sink = new PassThrough();
  const { pipe } = react.renderToPipeableStream(make(react, known), manifest, { onError: (error) => error.digest });
  pipe(sink);
  const pieces = [];
  for await (const piece of sink) pieces.push(piece);
  return Buffer.concat(pieces);
}

for (const version of VERSIONS) {
  const directory = new URL(`streams/${version}/`, import.meta.url);
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  for (const [name, make] of Object.entries(cases)) await writeFile(new URL(`${name}.txt`, directory), await encode(version, make));
}
