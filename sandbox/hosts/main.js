// What the data catalogue's pages run: it waits, asks for the one thing that the address names, and shows it.
"use strict";

const API = "https://sandbox.appsync-api.eu-west-2.amazonaws.com/graphql";
const KEY = "da2-assumed";
const KINDS = [
  [/^\/studies\/study(?:\/([^/]+))?\/?$/, "getStudyItem", "FriendlyId"],
  [/^\/datasets\/dataset(?:\/([^/]+))?\/?$/, "getDatasetItem", "Id"],
  [/^\/series\/series(?:\/([^/]+))?\/?$/, "getSeriesItem", "FriendlyId"],
];

const make = (name, className, ...children) => {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.append(...children);
  return element;
};

const html = (text) => {
  const element = document.createElement("div");
  element.innerHTML = text;
  return element;
};

const accordion = (title, content) =>
  make(
    "div",
    "MuiPaper-root MuiAccordion-root",
    make("div", "MuiButtonBase-root MuiAccordionSummary-root", make("div", "MuiAccordionSummary-content", title)),
    make("div", "MuiCollapse-root", make("div", "MuiAccordionDetails-root", content)),
  );

const jsonLd = (item) => {
  const script = make("script", "", JSON.stringify(item.JsonLd));
  script.type = "application/ld+json";
  return script;
};

const tabs = {
  "#details": (item) => [
    accordion("Abstract", html(item.Abstract)),
    ...(item.MainTopics ? [accordion("Main topics", html(item.MainTopics))] : []),
  ],
  "#abstract": (item) => [accordion("Abstract", html(item.Abstract))], // of a series, and shown first: assumed
  "#doi": (item) => (item.ChangeLog || []).map((change) => make("p", "", `${change.DoiIdentifierName}: ${change.ChangeLogText}`)),
  "#access-data": (item) => [html(item.AccessCondition)],
};

const show = (item, tab) => {
  const root = document.getElementById("root");
  if (!item) {
    root.replaceChildren(make("h1", "", "Not found"), make("p", "", "We could not find what you asked for."));
    return;
  }
  const known = document.querySelector('script[type="application/ld+json"]');
  const links = (item.Links || []).map(({ Title, Uri }) => {
    const link = make("a", "", Title);
    link.href = Uri;
    return make("li", "", link);
  });
  document.title = item.Title;
  root.replaceChildren(
    make("h1", "MuiTypography-root", item.Title),
    make("p", "MuiTypography-root", item.AccessText || ""),
    ...(tabs[location.hash || tab] || (() => []))(item),
    make("ul", "MuiList-root", ...links),
    ...(item.JsonLd && !known ? [jsonLd(item)] : []),
  );
};

const load = async () => {
  const id = new URLSearchParams(location.search).get("id");
  const found = KINDS.map(([path, query, name]) => [path.exec(location.pathname), query, name]).find(([match]) => match);
  if (!found) return show(null);
  const [match, query, name] = found;
  const variables = { [name]: match[1] || id };
  const answer = await fetch(API, {
    method: "POST",
    headers: { "Content-Type": "application/json", "x-api-key": KEY },
    body: JSON.stringify({ query: `query ${query}($${name}: String) { ${query}(${name}: $${name}) }`, variables }),
  });
  show((await answer.json()).data[query], query === "getSeriesItem" ? "#abstract" : "");
};

window.addEventListener("hashchange", () => void load());
setTimeout(load, 200);
