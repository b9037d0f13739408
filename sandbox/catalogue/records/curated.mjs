import { catalogue, entry, organisation } from './entry.mjs';

const COUNCIL = organisation('Economic and Social Research Council');
const NORTHMOOR = organisation('University of Northmoor, Centre for Household Studies');

export const harbour = entry({
  name: 'Harbour Towns Ageing Panel, 1998-2014',
  number: 9901,
  edition: 2,
  schema: {
    description:
      'A panel of people aged fifty and over in four harbour towns, visited every four years. It follows work, health and ' +
      'friendship from the last years of the fishing fleets to the first years of the marinas.',
    keywords: ['AGEING', 'RETIREMENT', 'COASTAL AREAS'],
    variableMeasured: [{ name: 'wlkspd', description: 'Walking speed over eight metres' }],
    sponsor: [COUNCIL],
    creator: [NORTHMOOR],
    temporalCoverage: '1998-01-01/2014-12-31',
    size: '2044',
  },
  age: '50-110',
  extra: {
    study_design: ['Cohort study'],
    instruments: ['Harbour Towns Health Inventory'],
    num_sweeps: 5,
    sample_size: 2044,
    start_year: 1998,
    end_year: 2014,
    duration_years: 16,
  },
  jsonld: { publisher: { ...organisation('UK Data Service'), url: 'https://ukdataservice.ac.uk' } },
});

export const commute = entry({
  name: 'National Survey of Commuting and Sleep, 2016-2019',
  number: 9902,
  edition: 3,
  schema: {
    description:
      'A yearly survey of how people in Great Britain get to work and how they sleep before it. Each wave adds a diary of ' +
      'seven nights for every fifth respondent.',
    keywords: ['COMMUTING', 'SLEEP', 'TRANSPORT, PUBLIC'],
    creator: [organisation('Institute for Everyday Time')],
    temporalCoverage: '2016-02-01T00:00:00Z/2019-11-30T00:00:00Z',
    size: '15310',
  },
  extra: {
    num_sweeps: 4,
    num_variables: 2210,
    sample_size: 15310,
    geographic_coverage: 'Great Britain',
    start_year: 2016,
    end_year: 2019,
    duration_years: 3,
  },
  jsonld: {
    publisher: organisation('UK Data Service'),
    dateModified: '2021-06-03',
    license: 'End User Licence',
  },
  parts: ['commuteWave', 'commuteDiary'],
});

export const rivers = entry({
  name: 'Rivers and Wellbeing Cohort, 2001-2013',
  number: 9903,
  schema: {
    description:
      'Families with a child born in 2001 who lived within a mile of a river were asked every second year how they use it: ' +
      'to walk, to fish, to swim, to get away from each other. The cohort began as a study of flooding. Since 2005 it also ' +
      'asks the children themselves, first with drawings and later with a questionnaire of their own, and since 2009 it ' +
      'holds readings of water quality – taken by the families – beside the official ones.Three rivers were chosen: one ' +
      'that floods, one that used to and one that never has. The word “river” was left to the families; some wrote about a ' +
      'ditch, one about a canal, and a café on a quay appears in a third of the drawings. Attrition is highest on the river ' +
      'that floods. The weights supplied with the data correct for it as far as the first wave allows, and the guide says ' +
      'where they do not. Distances were measured by the team from the front door; postcodes are not part of the data. The ' +
      'drawings are described in words by two coders who did not know the family’s answers. A short film that the children ' +
      'of one school made about their river is listed in the guide, though it is kept elsewhere.',
    keywords: ['RIVERS', 'WELL-BEING (HEALTH)', 'Rivers', 'FAMILIES'],
    identifier: ['10.5255/UKDA-SN-9903-1', '10.5255/UKDA-SN-9903-3'],
    variableMeasured: [{ name: 'useriv', description: 'How often the river was used in the past week' }],
    creator: [organisation('Depositor A'), NORTHMOOR],
    temporalCoverage: '2001-01-01/2013-12-31',
    size: '1377',
  },
  extra: {
    keywords: ['rivers', 'well-being (health)', 'Rivers', 'Families'],
    study_design: ['Cohort study', 'Longitudinal'],
    num_sweeps: 7,
    num_variables: 640,
    sample_size: 1377,
    geographic_coverage: 'England and Wales',
    start_year: 2001,
    end_year: 2013,
    ai_summary: 'A birth cohort that follows families who live near three rivers.',
  },
  parts: ['riversBaseline', 'riversVisits'],
  partsInFull: true,
});

// Its page was built without data: only the browser would fetch them.
export const lanterns = entry({ name: 'Lantern Festivals and Belonging, 2018', number: 9906, edition: 1 });

export const kitchens = entry({
  name: 'Kitchen Table Economies: A Longitudinal Study, 1995-2020',
  number: 9904,
  edition: 12,
  schema: {
    description:
      'How do households that run a small business from the kitchen table keep the two apart? The study visited 1,180 of ' +
      'them for twenty-five years: bakers, bookkeepers, menders of clocks, a maker of éclairs, a publisher of tide tables. ' +
      'At every visit one person was asked about money and another about time, and their answers were not compared in ' +
      'front of them.\n\nThe collection holds the interviews, a register of spending, the receipts of one year and the ' +
      'letters that people sent without being asked. Amounts are in pounds (£) of the year; a table of prices is supplied. ' +
      'The register distinguishes “house”, “trade” and “can’t say” – the third is the largest in most years – and the ' +
      'guide explains why the team kept it. From 2008 the visits also asked about debt, and from 2016 about the sale of ' +
      'goods through websites. Businesses that closed were visited twice more. The sample was drawn from planning notices, ' +
      'insurance registers and the advertisements of nine local newspapers, and topped up in 2004; the top-up households ' +
      'carry their own weight. Nothing in the files names a business, a street or a market stall, and very rare trades were ' +
      'merged with their nearest neighbour.',
    keywords: ['SMALL BUSINESSES', 'HOUSEHOLD BUDGETS', 'HOME-BASED WORK'],
    url: ['', 'https://datacatalogue.ukdataservice.ac.uk/studies/study/9904'],
    variableMeasured: [
      { name: 'tabl_share', description: 'Share of the table used for the trade at the time of the visit' },
    ],
    sponsor: [COUNCIL, organisation('Foundation for Local Trade')],
    creator: [NORTHMOOR],
    temporalCoverage: '1995-04-01T00:00:00Z/2020-03-31T00:00:00Z',
    size: '1180',
    number_of_variables: 1,
  },
  extra: {
    study_design: ['Longitudinal'],
    num_sweeps: 25,
    num_variables: 1904,
    sample_size: 1180,
    start_year: 1995,
    end_year: 2020,
    duration_years: 25,
  },
  match: {
    match_type: 'exact',
    cosine_similarity: 0.83,
    variables_which_matched: [],
    datasets_which_matched: [],
  },
  parts: ['kitchensSpending', 'kitchensLetters', 'kitchensWithdrawn'],
});

export const minutes = entry({
  name: 'Village Hall Minute Books: Index of Decisions, 1921',
  schema: {
    description:
      'An index of what nine village halls decided in one year, who proposed it and how it was counted.',
    keywords: [],
    url: ['https://archives.example.org/minute-books'],
    includedInDataCatalog: [catalogue('County Archives Catalogue', 'https://archives.example.org/')],
    temporalCoverage: '1921-01-01/1921-12-31',
    size: '9',
  },
  extra: {
    harmony_id: 'archives/minute-books',
    source: ['archives'],
    data_access: 'Open to readers by appointment.',
    country_codes: [],
    language_codes: [],
    geographic_coverage: '',
    start_year: 1921,
    end_year: 1921,
    ai_summary: '',
  },
});

export const inventory = entry({
  name: 'Everyday Patience Inventory',
  schema: {
    description: 'Twelve questions about queues.',
    url: ['https://archives.example.org/instruments/everyday-patience'],
    includedInDataCatalog: [catalogue('County Archives Catalogue', 'https://archives.example.org/')],
  },
  extra: {
    harmony_id: 'archives/everyday-patience',
    source: ['archives'],
    resource_type: 'instrument',
    data_access: null,
    instruments: ['Everyday Patience Inventory'],
  },
});

export const buses = entry({
  name: 'Night Buses and Shift Work, 2021',
  number: 9905,
  edition: 1,
  schema: {
    description:
      'People who ride the night bus to a shift kept a diary of six weeks and were asked about sleep and safety.',
    keywords: ['BUSES', 'SHIFT WORK'],
    creator: [organisation('Institute for Everyday Time')],
    temporalCoverage: '2021-05-01/2021-10-31',
    size: '408',
  },
  extra: { num_variables: 88, sample_size: 408, start_year: 2021, end_year: 2021 },
  parts: ['busesDiary'],
});
