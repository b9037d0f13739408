// React's Flight encoder and client as shipped in each release of Next.js, side by side in one process.
import Module, { createRequire } from "node:module";

export const VERSIONS = ["15.1.12", "15.5.29", "16.4.6"];

const require = createRequire(import.meta.url);
const compiled = (version, path) => require.resolve(`next-${version}/dist/compiled/${path}`);

// Inside a bundle `react` is the copy that Next.js compiled with it: for the server, the one of the condition react-server.
const resolveFilename = Module._resolveFilename;
Module._resolveFilename = function (request, parent, ...rest) {
  const from = parent?.filename ?? "";
  const [, version] = /node_modules\/next-([\d.]+)\//.exec(from) ?? [];
  const [, name] = /^(?:next\/dist\/compiled\/)?(react|react-dom)$/.exec(request) ?? [];
  if (version && name) {
    const server = /webpack-server\.|\.react-server\./.test(from);
    return compiled(version, server ? `${name}/${name}.react-server.js` : `${name}/index.js`);
  }
  return resolveFilename.call(this, request, parent, ...rest);
};

const MODULE = Symbol("module");
const modules = new Map();

/** What a bundler would have loaded: for every module any export, which knows its id and name. */
globalThis.__webpack_require__ = (id) => {
  if (!modules.has(id)) {
    const exported = (name) => ({ value: { [MODULE]: { id, name } }, configurable: true, enumerable: true, writable: true });
    const known = {};
    const find = (name) => (typeof name === "string" && name !== "then" && name !== "__esModule" ? (known[name] ??= exported(name)) : undefined);
    modules.set(
      id,
      new Proxy({ [MODULE]: { id, name: "" } }, {
        get: (target, name) => (name === MODULE ? target[MODULE] : find(name)?.value),
        has: (_, name) => find(name) !== undefined,
        getOwnPropertyDescriptor: (_, name) => find(name),
      }),
    );
  }
  return modules.get(id);
};
globalThis.__webpack_require__.u = (chunk) => `${chunk}.js`;
globalThis.__webpack_chunk_load__ = () => Promise.resolve();

export const moduleOf = (value) => value?.[MODULE];

process.env.NODE_ENV = "production";
const bundle = (version, part) => require(compiled(version, `react-server-dom-webpack/cjs/react-server-dom-webpack-${part}.production.js`));
export const client = (version) => bundle(version, "client.browser");
export const server = (version) => ({
  ...bundle(version, "server.node"),
  ...require(compiled(version, "react/react.react-server.js")),
});
