import { createHash } from 'node:crypto';

const DATACATALOGUE = 'https://datacatalogue.ukdataservice.ac.uk';
const BETA = 'https://beta.ukdataservice.ac.uk/datacatalogue';

/** 32 hex digits that depend on the text alone, so that every build names a record alike. */
export const uuidOf = (text) => createHash('md5').update(text).digest('hex');

const dashed = (uuid) => uuid.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

/** The last part of a record's URL: lower case, every run of other characters one hyphen. */
export const slugOf = (name) =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

export const organisation = (name) => ({ '@type': 'Organization', name });

export const catalogue = (name, url) => ({ '@type': 'DataCatalog', name, url });

/**
 * A record in the two halves of the catalogue's search result, filled in from its name and study number.
 *
 * `schema` and `extra` override what is filled in; `jsonld` is what only the JSON-LD block says, `age` what only the
 * early detail props say, `match` what only a search result says; `within` names its ancestors, the outermost last;
 * `parts` names the records that it lists as children: stubs, or all of them in full with `partsInFull`.
 */
export function entry({ name, number, edition, schema = {}, extra = {}, jsonld = {}, ...rest }) {
  const slug = slugOf(name);
  const doi = edition ? [`10.5255/UKDA-SN-${number}-${edition}`] : [];
  const url = schema.url ?? [`${DATACATALOGUE}/studies/study/${number}`];
  const identifier = schema.identifier ?? doi;
  const keywords = schema.keywords ?? [];
  return {
    dataset_schema: {
      '@context': 'https://schema.org/',
      '@type': 'Dataset',
      name,
      description: '',
      url,
      keywords,
      identifier,
      variableMeasured: [],
      includedInDataCatalog: [catalogue('UK Data Service', `${DATACATALOGUE}/studies/study/${number}`)],
      sponsor: [],
      creator: [],
      ...schema,
    },
    extra_data: {
      uuid: uuidOf(slug),
      slug,
      harmony_id: `ukds/${slug}`,
      source: ['ukds'],
      resource_type: 'study',
      name,
      urls: url,
      dois: identifier,
      keywords,
      data_access: `${BETA}/studies/study?id=${number}#!/access-data`,
      num_sweeps: 1,
      num_variables: null,
      sample_size: null,
      sex: 'all',
      country_codes: ['GB'],
      language_codes: ['en'],
      geographic_coverage: 'United Kingdom',
      genetic_data_collected: false,
      study_design: [],
      instruments: [],
      ai_summary: null,
      ...extra,
    },
    jsonld,
    parts: [],
    within: [],
    ...rest,
  };
}

/** A study of the older generation: self-deposited at ReShare, known by the links of that time. */
export function reshareEntry({ number, schema = {}, extra = {}, ...rest }) {
  return entry({
    number,
    schema: {
      url: [`${BETA}/studies/study?id=${number}`, `https://reshare.ukdataservice.ac.uk/${number}`],
      identifier: [`http://dx.doi.org/10.5255/UKDA-SN-${number}`],
      includedInDataCatalog: [catalogue('UK Data Service', `${BETA}/studies/study?id=${number}`)],
      ...schema,
    },
    extra: { harmony_id: `ukds/${number}`, ...extra },
    ...rest,
  });
}

/** A data file of a study: it has a page of its own at UKDS and carries the study's DOI. */
export function fileEntry({ name, extra = {}, schema = {}, ...rest }) {
  const file = dashed(uuidOf(`file ${name}`));
  return entry({
    name,
    schema: { url: [`${DATACATALOGUE}/datasets/dataset/${file}`], ...schema },
    extra: { harmony_id: `ukds/dataset/${file}`, resource_type: 'dataset', ...extra },
    ...rest,
  });
}
