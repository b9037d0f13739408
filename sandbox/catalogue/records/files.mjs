import { entry, fileEntry, organisation, slugOf, uuidOf } from './entry.mjs';

// Children carry the DOI of their study; `top` is the study's name, of which its uuid follows.
const commute = { number: 9902, edition: 3, top: 'National Survey of Commuting and Sleep, 2016-2019' };
const rivers = { number: 9903, edition: 3, top: 'Rivers and Wellbeing Cohort, 2001-2013' };
const kitchens = {
  number: 9904,
  edition: 12,
  top: 'Kitchen Table Economies: A Longitudinal Study, 1995-2020',
};
const buses = { number: 9905, edition: 1, top: 'Night Buses and Shift Work, 2021' };

const inside = ({ top }) => ({ top_level_ancestor_uuid: uuidOf(slugOf(top)) });

export const commuteWave = fileEntry({
  ...commute,
  name: '9902_commute_W1_indresp',
  schema: {
    description: 'Answers of the individual questionnaire of the first wave, one row a person.',
    keywords: ['COMMUTING', 'SLEEP'],
    variableMeasured: [
      { name: 'pid', description: 'Person identifier across waves' },
      // The site cuts a description at eighty characters, in the middle of a word.
      {
        name: 'slp_dur',
        description: 'Usual hours of sleep on a night before a working day, as answered in the self-co',
      },
      { name: 'com_mode', description: 'Main way of getting to work' },
    ],
    creator: [organisation('Institute for Everyday Time')],
    temporalCoverage: '2016-02-01T00:00:00Z/2016-11-30T00:00:00Z',
    size: '5120',
    number_of_variables: 3,
  },
  extra: { ...inside(commute), num_variables: 4, sample_size: 5120, start_year: 2016, end_year: 2016 },
  jsonld: { license: 'End User Licence' },
});

export const commuteDiary = fileEntry({
  ...commute,
  name: '9902_commute_W1_diary',
  schema: {
    description: 'The sleep diary of the first wave, one row a night.',
    temporalCoverage: '2016-02-01T00:00:00Z/2016-11-30T00:00:00Z',
  },
  extra: { ...inside(commute), num_variables: 2, start_year: 2016, end_year: 2016 },
  within: ['commute'],
});

export const riversBaseline = entry({
  ...rivers,
  name: 'rivers baseline questionnaire 2001',
  schema: {
    description:
      'The questionnaire that every family filled in at the start, with the distance to the nearest bank.',
    variableMeasured: [
      { name: 'dist_m', description: 'Metres from the front door to the nearest river bank' },
    ],
    temporalCoverage: '2001-01-01/2001-12-31',
  },
  extra: { resource_type: 'dataset', num_variables: 1, start_year: 2001, end_year: 2001 },
});

export const riversVisits = entry({
  ...rivers,
  name: 'rivers_visits-SPSS-data',
  schema: { description: 'One row a visit to the river.', temporalCoverage: '2005-01-01/2013-12-31' },
  extra: { resource_type: 'dataset', num_variables: 17, start_year: 2005, end_year: 2013 },
});

export const kitchensSpending = fileEntry({
  ...kitchens,
  name: '9904_Kitchens_Spending_inc_urbanity',
  schema: {
    description: 'Weekly spending by household and category, with a flag for urban and rural postcodes.',
    keywords: ['HOUSEHOLD BUDGETS'],
    variableMeasured: [
      { name: 'urb', description: 'Urban or rural, by the postcode at the first interview' },
    ],
    sponsor: [organisation('Economic and Social Research Council')],
    temporalCoverage: '1995-04-01T00:00:00Z/2020-03-31T00:00:00Z',
    size: '1180',
  },
  extra: { ...inside(kitchens), num_variables: 43, sample_size: 1180, start_year: 1995, end_year: 2020 },
  parts: ['kitchensReceipts'],
  within: ['kitchens'],
});

// A dataset of a dataset of a study.
export const kitchensReceipts = fileEntry({
  ...kitchens,
  name: '9904_kitchens_receipts_2019',
  schema: {
    description: 'Items read from the till receipts of one year.',
    temporalCoverage: '2019-01-01/2019-12-31',
  },
  extra: { ...inside(kitchens), num_variables: 9, start_year: 2019, end_year: 2019 },
  within: ['kitchensSpending', 'kitchens'],
});

// Only the list of its study says that it is a part: no ancestors, no file page, no uuid of a study.
export const kitchensLetters = entry({
  ...kitchens,
  name: 'Kitchen Table Economies: Letters to the Interviewers',
  schema: {
    description: 'Unprompted letters, typed and made anonymous.',
    temporalCoverage: '1995-01-01/2020-12-31',
  },
  extra: { resource_type: 'dataset', num_variables: null, start_year: 1995, end_year: 2020 },
});

// Its study still lists it, its page is gone.
export const kitchensWithdrawn = fileEntry({
  ...kitchens,
  name: '9904_kitchens_geo_detail',
  extra: { ...inside(kitchens), num_variables: 6, start_year: 2003, end_year: 2004 },
  within: ['kitchens'],
});

export const busesDiary = fileEntry({
  ...buses,
  name: '9905_night_bus_diary',
  schema: { description: 'One row a journey after midnight.', temporalCoverage: '2021-05-01/2021-10-31' },
  extra: { ...inside(buses), num_variables: 11, start_year: 2021, end_year: 2021 },
  within: ['buses'],
});
