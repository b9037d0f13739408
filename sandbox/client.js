// What a page of the catalogue runs: where its build had no record, it asks the API, and tells the answer as JSON-LD.
"use strict";

(() => {
  const API = "https://harmonydataweaviate.azureedge.net/discover/lookup?uuid=";
  const UNFILLED = /"(?:slug|identifier)":("(?:[^"\\]|\\.)+"),"initialData":null/;

  const jsonLd = ({ dataset_schema: schema, extra_data: extra }) => ({
    "@context": "https://schema.org/",
    "@type": "Dataset",
    name: schema.name,
    description: schema.description,
    url: `https://harmonydata.ac.uk/search/items/${extra.slug}`,
    identifier: schema.identifier,
    keywords: schema.keywords,
    temporalCoverage: schema.temporalCoverage,
    spatialCoverage: extra.geographic_coverage || undefined,
    creator: schema.creator.length ? schema.creator : undefined,
  });

  const fill = async () => {
    const stream = (self.__next_f || []).map(([, rows]) => rows || "").join("");
    const unfilled = UNFILLED.exec(stream);
    if (!unfilled || self.__filled) return; // several of a page's scripts are this one
    self.__filled = true;
    const answer = await fetch(API + encodeURIComponent(JSON.parse(unfilled[1])));
    for (const result of (await answer.json()).results) {
      const script = document.createElement("script");
      script.type = "application/ld+json";
      script.textContent = JSON.stringify(jsonLd(result));
      document.head.append(script);
    }
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", fill);
  else fill();
})();
