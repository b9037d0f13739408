import { PAGES, ROUND_OF } from './pages.mjs';

const HOST = 'https://harmonydata.ac.uk';
const BUILT = {
  'next-15.1.12': '2025-09-30T09:12:44.120Z',
  'next-15.5.29': '2025-12-12T16:03:10.455Z',
  'next-16.4.6': '2026-01-26T15:41:08.708Z',
};

// Pages that the sitemaps list and that are no catalogue pages.
const NAVIGATION = ['/search', '/search/browse', '/search/compare'];
const ENGLISH = ['/en/', '/en/about/', '/en/blog/'];

const HEAD = '<?xml version="1.0" encoding="UTF-8"?>';
const NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"';

function urlset(paths, lastmod) {
  const urls = paths.map(
    (path) =>
      `<url>\n<loc>${HOST}${path}</loc>\n<lastmod>${lastmod}</lastmod>\n` +
      '<changefreq>weekly</changefreq>\n<priority>0.7</priority>\n</url>\n',
  );
  return `${HEAD}\n<urlset ${NAMESPACE}>\n${urls.join('')}</urlset>\n`;
}

function sitemapIndex(lastmod) {
  return (
    `${HEAD}\n<sitemapindex ${NAMESPACE}>\n` +
    `<sitemap>\n<loc>${HOST}/en/sitemap.xml</loc>\n<lastmod>${lastmod}</lastmod>\n</sitemap>\n` +
    `<sitemap>\n<loc>${HOST}/search/sitemap.xml</loc>\n</sitemap>\n</sitemapindex>\n`
  );
}

const ROBOTS = `User-agent: *
Allow: /

Sitemap: ${HOST}/sitemap.xml
Sitemap: ${HOST}/search/sitemap.xml
`;

/**
 * The host's files beside the pages, by path, as one build leaves them.
 *
 * The catalogue's sitemap lists some of the pages only, and a slug of more than 220 characters too, though its page
 * exists under the uuid alone. `lastmod` is the time of the build, whatever changed.
 */
export function hostFiles(version) {
  const lastmod = BUILT[version];
  const listed = PAGES.filter((page) => page.listed).map(
    ({ era, section, name }) => `/search/${section}/${name}${ROUND_OF[era] === 'slash' ? '/' : ''}`,
  );
  const tooLong = PAGES.filter(({ slug }) => slug.length > 220).map(({ slug }) => `/search/items/${slug}`);
  return {
    'robots.txt': ROBOTS,
    'sitemap.xml': sitemapIndex(lastmod),
    'en/sitemap.xml': urlset(ENGLISH, lastmod),
    'search/sitemap.xml': urlset([...NAVIGATION, ...listed, ...tooLong], lastmod),
  };
}
