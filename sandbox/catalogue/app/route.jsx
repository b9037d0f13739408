import { PAGES, ROUND_OF } from '../pages.mjs';
import { RECORDS } from '../records/index.mjs';
import { ERAS } from './eras';

const ROUND = process.env.CATALOGUE_ROUND;
const SITE = 'https://harmonydata.ac.uk/search';
const NOT_FOUND = { title: 'Dataset Not Found', description: 'The requested dataset could not be found.' };

/** The three things a page module exports, for `items` or `studies`; the build puts it at [slug] or [[...slug]]. */
export function routeOf(section) {
  const pages = PAGES.filter((page) => page.section === section && ROUND_OF[page.era] === ROUND);
  const pageOf = async (params) => {
    const name = [(await params).slug].flat()[0];
    return pages.find((page) => page.name === name);
  };
  return {
    generateStaticParams: () => pages.map(({ name }) => ({ slug: ROUND === 'catch-all' ? [name] : name })),
    generateMetadata: async ({ params }) => metadataOf(await pageOf(params)),
    Page: async ({ params }) => {
      const page = await pageOf(params);
      return ERAS[page.era]({ page, record: RECORDS[page.record] });
    },
  };
}

function metadataOf(page) {
  if (page.titled === 'generic') return {};
  if (page.titled === 'not-found')
    return { ...NOT_FOUND, openGraph: { title: 'Academic Resource Discovery' } };
  const { name: title, description } = RECORDS[page.record].dataset_schema;
  const host = page.era === 'E1' ? 'http://localhost:3000' : SITE;
  return {
    title,
    description,
    openGraph: {
      title,
      description,
      url: `${SITE}/${page.section}/${page.name}`,
      siteName: 'Academic Resource Discovery',
      locale: 'en_US',
      images: [`${host}/harmony.png`],
    },
    twitter: { card: 'summary_large_image', title },
  };
}
