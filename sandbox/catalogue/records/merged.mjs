import { entry, organisation, slugOf, uuidOf } from './entry.mjs';

// A panel that the catalogue merged from many studies: its name is that of one arbitrary member.
const NAME = 'Two Valleys Household Panel: Waves 1-3, Calendar Year Interviewer Observations, 2009-2013';
const STUDIES = Array.from({ length: 87 }, (_, index) => ({
  number: 9911 + index,
  edition: 1 + (index % 13),
}));
const SITE = 'https://www.twovalleyspanel.example';

export const panel = entry({
  name: NAME,
  schema: {
    description: 'All studies of the panel since its start, under the name of one of them.',
    keywords: ['HOUSEHOLDS'],
    // A link out of running text keeps the bracket that closed the sentence.
    url: [
      '',
      ...STUDIES.slice(0, 80).map(
        ({ number }) => `https://datacatalogue.ukdataservice.ac.uk/studies/study/${number}`,
      ),
      `${SITE}/`,
      `${SITE}/)`,
      `${SITE}/about/next-steps/)`,
      'https://web.www.healthdatagateway.org/dataset/{id}',
    ],
    identifier: STUDIES.map(({ number, edition }) => `10.5255/UKDA-SN-${number}-${edition}`),
    includedInDataCatalog: [],
    creator: [organisation('Two Valleys Panel Office')],
    sponsor: [organisation('Economic and Social Research Council')],
    temporalCoverage: '2009-01-01T00:00:00Z/2024-05-16T00:00:00Z',
    size: '40000',
  },
  extra: {
    harmony_id: 'ukds/two-valleys-household-panel',
    data_access: `${SITE}/data`,
    num_sweeps: 13,
    num_variables: 90210,
    sample_size: 40000,
    start_year: 2009,
    end_year: 2024,
    duration_years: 15,
    genetic_data_collected: true,
  },
  parts: ['panelAbroad'],
});

// Its slug is longer than 220 characters, so its page is named by the uuid.
export const panelAbroad = entry({
  name:
    'Two Valleys Household Panel Abroad: Answers of Former Members Who Moved to Ethiopia, India, Peru or Vietnam and Were ' +
    'Interviewed There by Telephone or by Post about Housing, Remittances, Schooling, Language, Health and Plans to Return, ' +
    'with Weights',
  schema: {
    description: 'Members who left the valleys and went on answering.',
    identifier: ['10.5255/UKDA-SN-9911-1'],
    temporalCoverage: '2012-01-01/2013-12-31',
  },
  extra: {
    resource_type: 'dataset',
    country_codes: ['ET', 'IN', 'PE', 'VN'],
    geographic_coverage: 'Ethiopia, India, Peru, Vietnam',
    num_variables: 55,
    start_year: 2012,
    end_year: 2013,
    top_level_ancestor_uuid: uuidOf(slugOf(NAME)),
  },
  within: ['panel'],
});
