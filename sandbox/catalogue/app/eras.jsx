import Script from 'next/script';
import { Suspense } from 'react';

import { detailProps, jsonLd, searchResult } from '../records/shapes.mjs';
import { Detail, LiveDetail } from './detail';

const JSON_LD = 'application/ld+json';

function live(props) {
  return (
    <Suspense fallback={<div>Loading...</div>}>
      <LiveDetail {...props} />
    </Suspense>
  );
}

/** JSON-LD that only Flight and `self.__next_s` carry: the HTML gets no script tag of that type. */
function structuredData(record) {
  return (
    <Script
      strategy="beforeInteractive"
      id="structured-data"
      type={JSON_LD}
      dangerouslySetInnerHTML={{ __html: JSON.stringify(jsonLd(record)) }}
    />
  );
}

/** How each era of the site hands a record to the browser. */
export const ERAS = {
  E0: ({ record }) => <Detail study={detailProps(record)} />,

  E1: ({ record }) => (
    <>
      <script
        type={JSON_LD}
        dangerouslySetInnerHTML={{ __html: JSON.stringify(jsonLd(record, { early: true })) }}
      />
      <Detail dataset={{ ...detailProps(record), child_datasets: [] }} />
    </>
  ),

  // The path lacks the base path, as on the site.
  E1b: ({ record }) => (
    <script
      dangerouslySetInnerHTML={{ __html: `window.location.replace('/items/${record.extra_data.slug}')` }}
    />
  ),

  E1j: ({ record }) => (
    <>
      {structuredData(record)}
      <Detail dataset={{ ...detailProps(record), child_datasets: [], aiSummary: null }} />
    </>
  ),

  E2: ({ record }) => (
    <>
      {structuredData(record)}
      {live({ study: searchResult(record) })}
    </>
  ),

  E2s: ({ record }) => {
    const study = searchResult(record, { children: true });
    study.dataset_schema.variableMeasured = undefined;
    return (
      <>
        {structuredData(record)}
        {live({ study, isDrawerView: false, studyDataComplete: false })}
      </>
    );
  },

  E3: ({ page, record }) => {
    if (page.kind === 'absent') return <div>Dataset not found</div>;
    const initialData = page.kind === 'browser' ? null : searchResult(record, { children: true });
    return live({ slug: page.name, initialData });
  },

  E4: ({ page, record }) =>
    live({ identifier: page.name, initialData: searchResult(record, { children: true, ancestors: true }) }),

  E5: ({ page, record }) => (
    <>
      <Script id="google-analytics">{'window.dataLayer = window.dataLayer || [];'}</Script>
      {ERAS.E4({ page, record })}
    </>
  ),

  // A future that no era has: the record in a Map, under both its names; on a study's page in a promise as well.
  EX: ({ page, record }) => {
    const entry = searchResult(record, { children: true, ancestors: true });
    const { uuid, slug } = entry.extra_data;
    const shelf = new Map([
      [uuid, entry],
      [slug, entry],
    ]);
    return live(page.section === 'studies' ? { resource: Promise.resolve({ shelf }) } : { catalogue: shelf });
  },
};
