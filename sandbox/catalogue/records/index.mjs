import * as curated from './curated.mjs';
import * as deposited from './deposited.mjs';
import * as files from './files.mjs';
import * as merged from './merged.mjs';

/** Every record of the catalogue by its short name. All of it is invented. */
export const RECORDS = { ...deposited, ...curated, ...files, ...merged };
