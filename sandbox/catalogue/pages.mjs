import { slugOf } from './records/entry.mjs';
import { RECORDS } from './records/index.mjs';

/** The build that writes an era's pages: the route and the form of its URLs differ. */
export const ROUND_OF = {
  E0: 'slash',
  E1: 'slug',
  E1b: 'slug',
  E1j: 'slug',
  E2: 'slug',
  E2s: 'slug',
  E3: 'slug',
  E4: 'catch-all',
  E5: 'catch-all',
  EX: 'catch-all',
};

/**
 * One page: its era, its record, what is odd about it.
 *
 * `by` names it by slug or uuid; `kind` is what a reader finds: a record, a redirect, nothing (absent), or data that
 * only the browser would fetch; `titled` is right, generic or not-found; `listed` says whether a sitemap has it.
 */
function page(era, section, record, oddities = [], options = {}) {
  const { by = 'slug', kind = 'record', titled = 'right', listed = true } = options;
  const { uuid, slug } = RECORDS[record].extra_data;
  return {
    era,
    section,
    record,
    oddities,
    kind,
    titled,
    listed,
    name: by === 'uuid' ? uuid : slug,
    uuid,
    slug,
  };
}

const UNLISTED = { listed: false };
const BY_UUID = { by: 'uuid', listed: false };

/** A page of the site for something that the catalogue does not have. */
function absent(title) {
  const slug = slugOf(title);
  return {
    era: 'E3',
    section: 'items',
    record: null,
    oddities: ['nothing', 'not-found-title'],
    kind: 'absent',
    titled: 'not-found',
    listed: true,
    name: slug,
    uuid: null,
    slug,
  };
}

export const PAGES = [
  page('E0', 'studies', 'harbour', ['trailing-slash', 'generic-title'], { titled: 'generic' }),
  page('E4', 'items', 'harbour', ['standalone-study']),
  page('E1', 'items', 'reading', [
    'inline-json-ld',
    'foreign-host-in-json-ld',
    'comma-in-keyword',
    'doi-with-scheme',
  ]),
  page('E1b', 'items', 'reading', ['js-redirect'], { by: 'uuid', kind: 'redirect' }),
  page('E1j', 'items', 'allotments', ['old-ukds', 'text-row', 'repeated-doi', 'tags-stripped-without-space']),
  page('E2', 'studies', 'waiting', [
    'old-ukds',
    'json-ld-only-in-flight',
    'json-ld-extra-fields',
    'doi-in-three-forms',
    'keyword-case-duplicates',
    'access-prose',
    'empty-summary',
    'size-is-text',
  ]),
  page('E2s', 'studies', 'commute', ['variables-cut', 'json-ld-only-in-flight', 'stub-children']),
  page(
    'E2s',
    'items',
    'commute',
    ['variables-cut', 'json-ld-only-in-flight', 'stub-children', 'second-page'],
    UNLISTED,
  ),
  page(
    'E2',
    'items',
    'commuteWave',
    [
      'child',
      'child-json-ld-names-study-doi',
      'file-page-url',
      'variable-count-differs',
      'description-cut-at-80',
      'file-name-slug',
    ],
    UNLISTED,
  ),
  page('E4', 'items', 'commuteDiary', ['child', 'file-page-url', 'ancestors'], UNLISTED),
  page(
    'E3',
    'items',
    'rivers',
    ['not-found-title', 'full-children', 'editions', 'text-row', 'keyword-case-duplicates'],
    {
      titled: 'not-found',
    },
  ),
  page('E3', 'items', 'rivers', ['not-found-title', 'full-children', 'uuid-page'], {
    by: 'uuid',
    titled: 'not-found',
    listed: false,
  }),
  page('E3', 'items', 'riversBaseline', ['child', 'empty-ancestors'], UNLISTED),
  page('E3', 'items', 'riversVisits', ['child', 'empty-ancestors', 'file-name-slug'], UNLISTED),
  page('E3', 'items', 'lanterns', ['initial-data-null', 'not-found-title'], {
    titled: 'not-found',
    kind: 'browser',
  }),
  absent('Umbrella Stands of the Edwardian Hallway'),
  page('E4', 'items', 'kitchens', [
    'empty-url',
    'text-row',
    'stub-children',
    'deleted-child',
    'match-fields',
  ]),
  page(
    'E5',
    'studies',
    'kitchens',
    ['empty-url', 'text-row', 'stub-children', 'deleted-child', 'second-page'],
    UNLISTED,
  ),
  page(
    'E4',
    'items',
    'kitchensSpending',
    ['child', 'ancestors', 'file-page-url', 'file-name-slug'],
    UNLISTED,
  ),
  page('E4', 'items', 'kitchensSpending', ['child', 'ancestors', 'file-page-url', 'uuid-page'], BY_UUID),
  page('E5', 'items', 'kitchensReceipts', ['child', 'ancestors', 'nested-child', 'file-page-url'], UNLISTED),
  page(
    'E5',
    'items',
    'kitchensLetters',
    ['child', 'empty-ancestors', 'stub-only-child', 'no-variable-count'],
    UNLISTED,
  ),
  page('E5', 'items', 'panel', [
    'merged-study',
    'empty-url',
    'bracket-url',
    'placeholder-url',
    'stub-children',
  ]),
  page(
    'E5',
    'items',
    'panelAbroad',
    ['child', 'ancestors', 'long-slug', 'uuid-page', 'several-countries'],
    BY_UUID,
  ),
  page('E5', 'items', 'vouchers', [
    'old-ukds',
    'dollar-text',
    'html-in-text',
    'html-keyword',
    'comma-in-keyword',
    'keyword-case-duplicates',
    'two-urls-in-access',
    'several-countries',
  ]),
  page('E5', 'items', 'minutes', [
    'no-doi',
    'no-creator',
    'no-place',
    'year-range',
    'empty-summary',
    'no-keywords',
  ]),
  page('E4', 'items', 'inventory', ['unknown-type', 'no-doi']),
  page('EX', 'studies', 'buses', ['record-in-promise', 'record-in-map', 'stub-children']),
  page('EX', 'items', 'buses', ['record-in-map', 'stub-children', 'second-page'], UNLISTED),
  page('EX', 'items', 'busesDiary', ['record-in-map', 'child', 'ancestors', 'file-page-url'], UNLISTED),
];
