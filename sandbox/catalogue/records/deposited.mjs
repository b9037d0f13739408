import { organisation, reshareEntry } from './entry.mjs';

const UKDS = { ...organisation('UK Data Service'), url: 'https://ukdataservice.ac.uk' };
const COUNCIL = organisation('Economic and Social Research Council');

export const reading = reshareEntry({
  name: 'Reading Aloud at Home: Diaries of Bedtime Stories, 2011-2012',
  number: 859901,
  schema: {
    description:
      'Two hundred households kept a diary of every story that was read aloud at bedtime during one school year. The ' +
      'diaries note the book, the reader, the language and how long the reading took, and whether anybody fell asleep.',
    keywords: ['READING (ACTIVITY)', 'CHILDREN, PRE-SCHOOL', 'BOOKS'],
    // With its scheme, a DOI becomes no link.
    identifier: ['10.5255/UKDA-SN-859901', 'doi:10.5255/UKDA-SN-859901'],
    variableMeasured: [
      { name: 'minutes', description: 'Minutes of reading on the day, as written in the diary' },
      { name: 'reader', description: 'Who read: parent, grandparent, sibling or other' },
    ],
    sponsor: [COUNCIL],
    temporalCoverage: '2011-09-01/2012-07-20',
  },
  age: '3-7',
  extra: { instruments: ['Bedtime Story Diary'], start_year: 2011, end_year: 2012 },
});

export const allotments = reshareEntry({
  name: 'Allotment Gardens and Trust among Neighbours, 2013-2014',
  number: 859902,
  schema: {
    // The two links to one DOI repeat, as links and as identifiers do.
    description:
      'This project asked what people who rent an allotment know of each other, and what they would lend. Plot holders on ' +
      'twelve sites were interviewed twice, once before the growing season and once after the harvest, and asked to draw a ' +
      'map of the plots whose holders they would trust with a key. The collection holds the transcripts, the maps and a ' +
      'short survey of everyone on the waiting list.Since the sites differ in age, size and rules, the team chose them in ' +
      'pairs: one site run by a council beside one run by its members.The interviews follow a guide with five parts – the ' +
      'plot, the neighbours, the rules, the harvest and the shed – and last about forty minutes. Names of sites were ' +
      'replaced by names of vegetables. Several holders spoke of “the book”, a ledger of borrowed tools that three of the ' +
      'sites keep; where the committee agreed, its pages for one season are part of the collection. A second strand ' +
      'counted what was given away: surplus courgettes, seedlings, water, advice. Gifts were followed over two seasons ' +
      'with a simple tally on the gate. The tallies, the coding frame and the consent forms are deposited with the data, ' +
      'and everything that could name a plot holder was taken out before deposit.',
    keywords: ['GARDENS', 'TRUST', 'NEIGHBOURHOODS'],
    identifier: ['http://dx.doi.org/10.5255/UKDA-SN-859902', 'http://dx.doi.org/10.5255/UKDA-SN-859902'],
    temporalCoverage: '2013-03-01/2014-11-30',
  },
  extra: { resource_type: 'dataset', start_year: 2013, end_year: 2014 },
});

export const waiting = reshareEntry({
  name: 'Waiting Rooms: How Patients Talk about Delay, 2010',
  number: 859903,
  schema: {
    description:
      'Conversations in the waiting rooms of six outpatient clinics were recorded with the consent of everyone present. ' +
      'The study looks at how people account for a delay – to staff, to strangers and to those who came with them – and ' +
      'at what a notice on the wall does to the talk beneath it. Transcripts use a simple notation for pauses and overlap.',
    keywords: ['HOSPITALS', 'CONVERSATION', 'WAITING LISTS', 'PATIENTS'],
    identifier: [
      'http://dx.doi.org/10.5255/UKDA-SN-859903',
      'https://doi.org/10.5255/UKDA-SN-859903',
      '10.5255/UKDA-SN-859903',
    ],
    creator: [organisation('University of Northmoor, School of Health Talk')],
    sponsor: [COUNCIL],
    temporalCoverage: '2010-01-01/2010-12-31',
    size: '312',
  },
  extra: {
    keywords: ['Hospitals', 'conversation', 'WAITING LISTS', 'patients'],
    data_access:
      'The Data Collection is available for download to users registered with the UK Data Service.\n' +
      'Recordings are not part of it;\nask the depositor about the transcripts of clinic four.',
    start_year: 2010,
    end_year: 2010,
    sample_size: 309,
    ai_summary: '',
  },
  jsonld: {
    publisher: UKDS,
    dateCreated: '2012-01-10',
    dateModified: '2017-07-14',
    license: 'https://creativecommons.org/licenses/by-nc-sa/4.0/',
    distribution: [
      { '@type': 'DataDownload', contentUrl: 'https://reshare.ukdataservice.ac.uk/859903/1/readme.rtf' },
    ],
  },
});

export const vouchers = reshareEntry({
  name: '$5 Vouchers and the Willingness to Answer: A Survey Experiment, 2015',
  number: 859904,
  schema: {
    description:
      '$5 in the envelope, or a promise of $5 afterwards?<p>A random half of 2,400 households found a voucher with ' +
      'the invitation; the others were promised one. Response, speed &amp; item non-response are recorded for ' +
      'both halves.</p><br>The voucher&#39;s value was &pound;4 in the British arm.',
    keywords: ['<a title=', 'SURVEYS', 'INCENTIVES (REWARDS), MONETARY', '$5', 'Surveys'],
    temporalCoverage: '2015-01-01/2015-12-31',
  },
  extra: {
    keywords: ['<a title=', 'surveys', 'incentives (rewards), monetary', '$5', 'SURVEYS'],
    data_access:
      'https://reshare.ukdataservice.ac.uk/859904 https://doc.ukdataservice.ac.uk/doc/859904/read859904.htm',
    country_codes: ['GB', 'US'],
    geographic_coverage: 'Great Britain, United States',
    start_year: 2015,
    end_year: 2015,
  },
});
