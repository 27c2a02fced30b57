import { readdirSync, readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

/** Every line of a sample's sources that is neither an import nor a comment. */
function linesOf(name: string): string[] {
  const folder = new URL(`../../${name}/src/`, import.meta.url);
  return readdirSync(folder)
    .flatMap((file) => readFileSync(new URL(file, folder), 'utf8').split('\n'))
    .map((line) => line.trim())
    .filter((line) => !/^(import|\/\/|\/?\*)/.test(line));
}

test.each([
  [
    'dispatcher',
    ["initTracing({ serviceName: 'dispatcher' });", 'app.register(fastifyTracing, { requestId: true });'],
  ],
  ['commander', ["initTracing({ serviceName: 'commander' });", 'app.use(koaTracing({ requestId: true }));']],
  [
    'inventory',
    [
      "initTracing({ serviceName: 'inventory' });",
      'app.use(expressTracing({ requestId: true }));',
      'tracePg(pg);',
    ],
  ],
  ['worker', ["initTracing({ serviceName: 'worker', baggageKeys: ['request_id'] });", 'tracePg(pg);']],
])(
  '%s has two lines of tracing at most (and one for pg), one of logging, and none that touches a header',
  (name, tracing) => {
    const lines = linesOf(name);
    const about = lines.filter((line) => /tracing\w*\(|\w+Tracing\b|tracePg|opentelemetry/i.test(line));
    expect(about.toSorted()).toEqual(tracing.toSorted());
    expect(lines.filter((line) => line.includes('configureLogging'))).toHaveLength(1);
    expect(
      lines.filter((line) => /headers?\b|traceparent/i.test(line.replaceAll('headersSent', ''))),
    ).toEqual([]);
  },
);
