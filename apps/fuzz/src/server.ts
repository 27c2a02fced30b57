import fc from 'fast-check';
import { expect, onTestFinished } from 'vitest';

import { hold } from './hold.ts';
import { rawRequest, sendRaw } from './requests.ts';
import { hasControl, holdsText } from './texts.ts';

/** The options of a plugin under which its server is tried. */
export const hostileOptions: {
  readonly requestId: boolean;
  readonly captureHeaders: Readonly<Record<'request' | 'response', readonly RegExp[]>>;
  readonly excludedUrls: readonly (RegExp | string)[];
} = {
  requestId: true,
  captureHeaders: { request: [/./], response: [/./] },
  excludedUrls: ['^/static/', /(.*a){3}x$/],
};

/** A server that listens, with the plugin under `hostileOptions` and a route `/users/:id`. */
export interface TriedServer {
  readonly port: number;
  close(): Promise<unknown>;
}

/** The spans of the process. */
export interface SeenSpans {
  readonly spans: readonly {
    readonly name: string;
    readonly kind: number;
    readonly attributes: Readonly<Record<string, unknown>>;
  }[];
  settled(): Promise<void>;
  reset(): void;
  close(): Promise<unknown>;
}

/** What has been said by `diag` since it was last asked. */
export type Said = () => readonly string[];

const REQUEST_ID = /^[\w\-.~:+/=@|]{1,128}$/;

/** Holds a framework's plugin to what it promises of hostile requests. */
export function holdServer(
  name: string,
  start: () => Promise<TriedServer>,
  collect: () => SeenSpans,
  listenToDiag: () => Said,
): void {
  hold(
    `requests: ${name} answers anything, tells no secret, and every span ends`,
    () => {
      const spans = collect();
      onTestFinished(() => void spans.close());
      const said = listenToDiag();
      let server: Promise<TriedServer> | undefined;
      onTestFinished(async () => void (await (await server)?.close()));
      return fc.asyncProperty(rawRequest, async (request) => {
        server ??= start();
        const answer = await sendRaw((await server).port, request);
        await spans.settled();
        checkAnswer(answer);
        for (const span of spans.spans) {
          // By a route or without, a name is never made of what the request said.
          expect(span.name).toMatch(/^(?:[A-Z]+|HTTP)(?: \/users\/:id\/?)?$/);
          if (holdsText(span, request.secret)) throw new Error(JSON.stringify(span));
        }
        expect(spans.spans.length).toBeLessThanOrEqual(3);
        spans.reset();
        for (const message of said()) {
          if (hasControl(message) || message.includes(request.secret))
            throw new Error(JSON.stringify(message));
        }
      });
    },
    { runs: 150 },
  );
}

function checkAnswer(answer: string): void {
  const head = answer.slice(0, answer.indexOf('\r\n\r\n')).split('\r\n');
  const ids = head.filter((line) => /^x-request-id:/i.test(line)).map((line) => line.slice(13).trim());
  expect(ids.length).toBeLessThanOrEqual(1);
  for (const id of ids) expect(id).toMatch(REQUEST_ID);
}
