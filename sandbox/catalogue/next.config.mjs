// One build of one round: build.mjs sets both variables.
/** @type {import('next').NextConfig} */
export default {
  output: 'export',
  basePath: '/search',
  trailingSlash: process.env.CATALOGUE_ROUND === 'slash',
  generateBuildId: () => process.env.CATALOGUE_BUILD_ID,
  images: { unoptimized: true },
};
