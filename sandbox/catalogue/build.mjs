// Builds the catalogue with each Next.js version and keeps the pages, without their assets, in sandbox/pages/.
//
//   node build.mjs [next-16.4.6 ...]      the named versions, else all; the work is done in a temporary directory

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { holdings } from './holdings.mjs';
import { hostFiles } from './host.mjs';
import { PAGES, ROUND_OF } from './pages.mjs';
import { RECORDS } from './records/index.mjs';
import { searchResult } from './records/shapes.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const SITES = join(HERE, '..', 'pages');
const HOST = 'harmonydata.ac.uk';
const SOURCES = ['app', 'records', 'pages.mjs', 'next.config.mjs'];
const ROUNDS = [...new Set(Object.values(ROUND_OF))];
const QUIET = { NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' };

const fileOf = ({ era, section, name }) =>
  join(section, ROUND_OF[era] === 'slash' ? join(name, 'index') : name);

function run(command, args, cwd, env = {}) {
  execFileSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

// No lock file: what npm may put into one differs from registry to registry, and the pages depend on Next.js alone.
function install(version, work) {
  cpSync(join(HERE, 'package.json'), join(work, 'package.json'));
  const next = version.replace('next-', 'next@');
  run(
    'npm',
    ['install', next, '--save-exact', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error'],
    work,
  );
}

/** Leaves only the routes that the round has pages for, and names their segment as the round does. */
function arrangeRoutes(round, work) {
  for (const section of ['items', 'studies']) {
    const route = join(work, 'app', section);
    if (!PAGES.some((page) => page.section === section && ROUND_OF[page.era] === round))
      rmSync(route, { recursive: true });
    else if (round === 'catch-all') renameSync(join(route, '[slug]'), join(route, '[[...slug]]'));
  }
}

function buildRound(round, version, work) {
  for (const path of [...SOURCES, '.next', 'out']) rmSync(join(work, path), { recursive: true, force: true });
  for (const path of SOURCES) cpSync(join(HERE, path), join(work, path), { recursive: true });
  arrangeRoutes(round, work);
  const env = {
    ...QUIET,
    CATALOGUE_ROUND: round,
    CATALOGUE_BUILD_ID: `${version.replace(/\W/g, '-')}-${round}`,
  };
  run(join(work, 'node_modules', '.bin', 'next'), ['build'], work, env);
}

function keep(round, work, site) {
  for (const page of PAGES.filter(({ era }) => ROUND_OF[era] === round)) {
    for (const ending of ['.html', '.txt']) {
      const file = fileOf(page) + ending;
      mkdirSync(dirname(join(site, 'search', file)), { recursive: true });
      cpSync(join(work, 'out', file), join(site, 'search', file));
    }
  }
  cpSync(join(work, 'out', '404.html'), join(site, 'search', '404.html'));
}

/** Replaces a version's pages, once all of them are built. */
function build(version) {
  const work = mkdtempSync(join(tmpdir(), `catalogue-${version}-`));
  const site = join(work, 'site', HOST);
  try {
    install(version, work);
    for (const round of ROUNDS) {
      buildRound(round, version, work);
      keep(round, work, site);
    }
    for (const [path, text] of Object.entries(hostFiles(version))) {
      mkdirSync(dirname(join(site, path)), { recursive: true });
      writeFileSync(join(site, path), text);
    }
    rmSync(join(SITES, version), { recursive: true, force: true });
    cpSync(join(work, 'site'), join(SITES, version), { recursive: true });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** What each page is, by its path without the ending. */
function expectations() {
  const rows = PAGES.map((page) => {
    const { era, uuid, slug, kind, oddities, listed } = page;
    return [join(HOST, 'search', fileOf(page)), { era, uuid, slug, kind, listed, oddities }];
  });
  return Object.fromEntries(rows);
}

/** What the catalogue's API knows: the record of every page that shows one, or would. */
function results() {
  const names = [...new Set(PAGES.map(({ record }) => record))].filter(Boolean);
  return names.map((name) => searchResult(RECORDS[name]));
}

const json = (value) => `${JSON.stringify(value, null, 2)}\n`;

const known = JSON.parse(readFileSync(join(HERE, 'package.json'))).config.next.map(
  (version) => `next-${version}`,
);
const wanted = process.argv.length > 2 ? process.argv.slice(2) : known;
const unknown = wanted.filter((version) => !known.includes(version));
if (unknown.length) throw new Error(`no such version: ${unknown}; there are ${known}`);
for (const version of wanted) {
  console.log(version);
  build(version);
}
writeFileSync(join(SITES, 'expected.json'), json(expectations()));
writeFileSync(join(SITES, 'holdings.json'), json(holdings()));
writeFileSync(join(SITES, 'results.json'), json(results()));
