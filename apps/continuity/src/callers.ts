// Taken by name, and before any tracing is set up: calls through it have to be traced all the same.
import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';

import axios from 'axios';
import got from 'got';
import { request as undiciRequest } from 'undici';

/** Ways in which applications call each other: each gets a URL and gives the text of the answer. */
export const callers: Readonly<Record<string, (url: string) => Promise<string>>> = {
  fetch: async (url) => (await fetch(url)).text(),
  'node:http': (url) =>
    new Promise((resolve, reject) => {
      httpRequest(url, (response) => resolve(text(response)))
        .on('error', reject)
        .end();
    }),
  axios: async (url) => (await axios.get<string>(url)).data,
  got: (url) => got(url).text(),
  undici: async (url) => (await undiciRequest(url)).body.text(),
};
