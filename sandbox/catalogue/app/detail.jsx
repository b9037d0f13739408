'use client';

import { useSearchParams } from 'next/navigation';

/** Shows the old detail props as plain HTML, as the first two eras do. */
export function Detail({ dataset, study }) {
  const { title, description } = dataset ?? study;
  return (
    <article>
      <h1>{title}</h1>
      <p>{description}</p>
    </article>
  );
}

/** Reads the query string, so a static export leaves it to the browser: the HTML holds only the fallback. */
export function LiveDetail(props) {
  const params = useSearchParams();
  return <article data-view={params.get('view')}>{Object.keys(props).join(' ')}</article>;
}
