import { slugOf, uuidOf } from './records/entry.mjs';
import { RECORDS } from './records/index.mjs';

const DOI = /10\.5255\/UKDA-SN-(\d+)(?:-(\d+))?$/;
const WAVES = 13;
const THEMES = [
  'Individual Answers',
  'Household Grid',
  'Youth Questionnaire',
  'Seven-Day Diary',
  'Work Histories',
  'Weights',
  'Neighbourhood Codes',
];

/** What the archive does with a study; any other is held, and told by every site. */
const STANDING = { 9989: 'withdrawn', 9997: 'registered' };

/** The newest edition that a record names of each study, by the study's number; 0 where its DOI names none. */
function editions({ dataset_schema: schema }) {
  const found = new Map();
  for (const identifier of schema.identifier) {
    const [, number, edition] = DOI.exec(identifier);
    found.set(Number(number), Math.max(Number(edition ?? 0), found.get(Number(number)) ?? 0));
  }
  return [...found];
}

const names = (organisations) => organisations.map(({ name }) => name);

/** A study whose record tells of it alone. */
function single({ dataset_schema: schema, extra_data: extra }) {
  const { uuid, slug, name, start_year, end_year, geographic_coverage } = extra;
  const { description, keywords, creator, sponsor } = schema;
  const makers = { creators: names(creator), funders: names(sponsor) };
  return { name, slug, uuid, description, keywords, ...makers, start_year, end_year, geographic_coverage };
}

/** One of the studies that a record merges: the first has the record's name, the others names of their own. */
function member(record, place) {
  const told = single(record);
  if (place === 0) return told;
  const wave = place % WAVES;
  const year = told.start_year + wave;
  const theme = THEMES[Math.floor(place / WAVES)];
  const name = `${told.name.split(':')[0]}: Wave ${wave + 1}, ${theme}, ${year}`;
  const description = `${theme} of wave ${wave + 1} of the panel, collected in ${year}.`;
  const slug = slugOf(name);
  return { ...told, name, slug, uuid: uuidOf(slug), description, start_year: year, end_year: year };
}

/** Every study that the records name, as the archive holds it; where a record says nothing, nothing is said. */
export function holdings() {
  const parts = new Set(Object.values(RECORDS).flatMap((record) => record.parts));
  const studies = Object.entries(RECORDS).flatMap(([name, record]) => (parts.has(name) ? [] : [record]));
  const rows = studies.flatMap((record) =>
    editions(record).map(([number, edition], place) => ({
      number,
      edition,
      standing: STANDING[number] ?? 'held',
      ...member(record, place),
    })),
  );
  return rows.sort((one, other) => one.number - other.number);
}
