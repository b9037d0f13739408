import { RECORDS } from './index.mjs';

const EARLY_HOST = 'https://discoverynext.vercel.app';
const SITE = 'https://harmonydata.ac.uk/search';

// A copy through JSON, as the site gets it from its API: no object of it is shared with another.
const copy = (value) => JSON.parse(JSON.stringify(value));

function bare({ dataset_schema, extra_data }) {
  return { ...copy({ dataset_schema, extra_data }), distance: 0, score: 0, parent: {}, ancestors: [] };
}

function stub({ extra_data }) {
  const { uuid, slug, name, resource_type, start_year, end_year, num_variables } = extra_data;
  return {
    ...bare({ dataset_schema: {}, extra_data: {} }),
    extra_data: { end_year, resource_type, slug, num_variables, start_year, name, uuid },
  };
}

/** A record as the catalogue's API gives it, with its children (full or stubs, as the record says) and ancestors. */
export function searchResult(record, { children = false, ancestors = false } = {}) {
  const result = bare(record);
  const parts = record.parts.map((name) => RECORDS[name]);
  if (children) result.child_datasets = parts.map(record.partsInFull ? bare : stub);
  if (ancestors) {
    result.ancestors = record.within.map((name) => bare(RECORDS[name]));
    result.num_descendant_variables = parts.reduce(
      (sum, part) => sum + (part.extra_data.num_variables ?? 0),
      0,
    );
  }
  return { ...result, ...record.match };
}

const link = (identifier) => (identifier.startsWith('10.') ? `https://doi.org/${identifier}` : identifier);

const shown = (organisation) =>
  organisation && { name: organisation.name, url: organisation.url, logo: undefined };

/** The sixteen props of the first eras, in which what is unset is undefined. */
export function detailProps({ dataset_schema: schema, extra_data: extra, jsonld, age }) {
  return {
    title: schema.name,
    description: schema.description,
    image: undefined,
    publisher: shown(jsonld.publisher),
    funders: schema.sponsor.length ? schema.sponsor.map(shown) : undefined,
    geographicCoverage: extra.country_codes.join(', ') || undefined,
    temporalCoverage: schema.temporalCoverage,
    ageCoverage: age,
    studyDesign: extra.study_design,
    resourceType: extra.resource_type,
    topics: schema.keywords,
    instruments: extra.instruments,
    dataCatalogs: schema.includedInDataCatalog.map(({ name, url }) => ({ name, url, logo: undefined })),
    matchedVariables: [],
    allVariables: schema.variableMeasured,
    additionalLinks: [...schema.url, ...schema.identifier.map(link)],
  };
}

/** The JSON-LD block beside a record; the early one knows fewer keys and names the host of a trial deployment. */
export function jsonLd({ dataset_schema: schema, extra_data: extra, jsonld }, { early = false } = {}) {
  const { '@context': context, '@type': type, name, description, keywords, identifier } = schema;
  const section = extra.resource_type === 'study' && !early ? 'studies' : 'items';
  const head = { '@context': context, '@type': type, name, description };
  const url = `${early ? EARLY_HOST : SITE}/${section}/${extra.slug}`;
  if (early) {
    const { variableMeasured, includedInDataCatalog } = schema;
    return { ...head, url, keywords, identifier, variableMeasured, includedInDataCatalog };
  }
  return {
    ...head,
    url,
    identifier,
    keywords,
    temporalCoverage: schema.temporalCoverage,
    spatialCoverage: extra.geographic_coverage || undefined,
    publisher: jsonld.publisher,
    creator: schema.creator.length ? schema.creator : undefined,
    dateCreated: jsonld.dateCreated,
    dateModified: jsonld.dateModified,
    license: jsonld.license,
    distribution: jsonld.distribution,
  };
}
