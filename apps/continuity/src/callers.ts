import { request } from 'node:http';
import { text } from 'node:stream/consumers';

/** Gets a URL and gives the text of the answer. */
export type Caller = (url: string) => Promise<string>;

/** Ways in which applications call each other; each is loaded only where it is used. */
export const callers: Readonly<Record<string, () => Promise<Caller>>> = {
  fetch: async () => async (url) => (await fetch(url)).text(),

  // The name was imported before any tracing is set up; its calls have to be traced all the same.
  'node:http': async () => (url) =>
    new Promise((resolve, reject) => {
      request(url, (response) => resolve(text(response)))
        .on('error', reject)
        .end();
    }),

  async axios() {
    const { default: axios } = await import('axios');
    return async (url) => (await axios.get<string>(url)).data;
  },

  async got() {
    const { default: got } = await import('got');
    return (url) => got(url).text();
  },

  async undici() {
    const { request: undiciRequest } = await import('undici');
    return async (url) => (await undiciRequest(url)).body.text();
  },
};
