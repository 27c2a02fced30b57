import { type RunningPostgres, startPostgres } from '@org/postgres';
import type { SpanRecord } from '@org/tracing-core';
import { startService } from '@org/tracing-testing';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import { hasOtherNodes, provideNode } from '../../../scripts/node-versions.mjs';
import {
  outsideProject,
  type OutsideProject,
  type OutsideProjectOptions,
  versionsHere,
} from '../src/outside-project.ts';
import { ownProviderService, type OwnSdk } from '../src/own-provider-service.ts';
import { type SpanShape, spanShapes } from '../src/span-shape.ts';

const INSTALL_MILLIS = 300_000;

/** The oldest of SDK 2, beside the oldest API. */
const SDK_2: OwnSdk & Versions = {
  from: '@opentelemetry/sdk-trace-base',
  provider: 'BasicTracerProvider',
  processor: 'new SimpleSpanProcessor(exporter)',
  versions: {
    '@opentelemetry/api': '1.9.0',
    '@opentelemetry/context-async-hooks': '2.0.0',
    '@opentelemetry/sdk-trace-base': '2.0.0',
  },
};

/** SDK 3, which wants an API that the SDK within core does not, and Node 22.15. */
const SDK_3: OwnSdk & Versions = {
  from: '@opentelemetry/sdk-trace',
  provider: 'TracerProvider',
  processor: 'new SimpleSpanProcessor({ exporter })',
  versions: {
    '@opentelemetry/api': '^1.10.0',
    '@opentelemetry/context-async-hooks': '^3.1.1',
    '@opentelemetry/sdk-trace': '^3.1.1',
  },
};

interface Versions {
  readonly versions: Readonly<Record<string, string>>;
}

const runsSdk3 = Number(process.versions.node.split('.')[0]) >= 22;
if (!runsSdk3 && !hasOtherNodes()) {
  console.warn(`SDK 3 was not tried: npm has no Node for ${process.platform} on ${process.arch}.`);
}
const sdk3 = runsSdk3 || hasOtherNodes() ? [SDK_3] : [];

/** What pnpm needs to be told where it is strict: the SDK within core works with every API 1.x. */
const ANY_API = { '@opentelemetry/api': '1' };

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres?.stop());

describe("an application's own provider has the spans of every plugin", () => {
  test.each(['npm', 'pnpm'] as const)(
    'by the oldest SDK 2, installed by %s, strict about peers',
    async (packageManager) => {
      expect(await tracesOf(SDK_2, { packageManager, strictPeers: true })).toEqual(WHOLE);
    },
    INSTALL_MILLIS,
  );

  test.each(sdk3)(
    'by SDK 3, installed by npm',
    async (sdk) => {
      expect(await tracesOf(sdk, { packageManager: 'npm' })).toEqual(WHOLE);
    },
    INSTALL_MILLIS,
  );

  test.each(sdk3)(
    'by SDK 3, installed by pnpm, strict about peers, with the rule of the read-me',
    async (sdk) => {
      const how = { packageManager: 'pnpm', strictPeers: true, allowedPeers: ANY_API } as const;
      expect(await tracesOf(sdk, how)).toEqual(WHOLE);
    },
    INSTALL_MILLIS,
  );
});

test.each(sdk3)(
  'beside SDK 3, strict peers refuse the API of the SDK within core and nothing else (a documented limit)',
  (sdk) => {
    const refused = failureOf(() => install(sdk, { packageManager: 'pnpm', strictPeers: true }));
    expect(refused).toContain('ERR_PNPM_PEER_DEP_ISSUES');
    const peers = refused.match(/(?<=(unmet|missing) peer )[^:\s]+@(?=")/g);
    expect(new Set(peers)).toEqual(new Set(['@opentelemetry/api@']));
    expect(refused).not.toMatch(/unmet peer @opentelemetry\/api@">=1.9 <2"/);
  },
  INSTALL_MILLIS,
);

type Installation = Pick<OutsideProjectOptions, 'packageManager' | 'strictPeers' | 'allowedPeers'>;

function install({ versions }: Versions, how: Installation): OutsideProject {
  return outsideProject({
    ...how,
    ours: ['fastify', 'koa', 'express', 'pg'].map((name) => `@org/tracing-${name}`),
    theirs: { ...versionsHere('@koa/router', 'express', 'fastify', 'koa', 'pg'), ...versions },
    tarballs: inject('tarballs'),
  });
}

const WHOLE = ['fastify', 'koa', 'express'].map((framework) => [
  { name: 'SELECT', kind: 'CLIENT', parent: 'own span' },
  { name: 'own span', kind: 'INTERNAL', parent: `GET /${framework}/:id` },
  { name: `GET /${framework}/:id`, kind: 'SERVER', parent: undefined },
]);

/** One request to each framework, and the spans of each that the application's exporter was given. */
async function tracesOf(sdk: OwnSdk & Versions, how: Installation): Promise<SpanShape[][]> {
  using project = install(sdk, how);
  await using service = await startService({
    entry: project.write('service.mjs', ownProviderService(sdk)),
    execPath: sdk === SDK_3 && !runsSdk3 ? provideNode(24).path : process.execPath,
    env: { DATABASE_URL: postgres.url },
  });
  const traces: SpanShape[][] = [];
  for (const framework of ['fastify', 'koa', 'express']) {
    const response = await fetch(`${service.url}/${framework}/7`);
    expect(await response.text()).toBe('item 7');
    const { traceId } = await service.waitForLog((line) => line['name'] === `GET /${framework}/:id`);
    const spans = service.logs.filter((line) => line['traceId'] === traceId);
    traces.push(spanShapes(spans as unknown as SpanRecord[]));
  }
  // The spans are all there is: nobody was warned.
  expect(service.stderr.trim().split('\n')).toHaveLength(traces.flat().length);
  return traces;
}

function failureOf(attempt: () => OutsideProject): string {
  try {
    attempt()[Symbol.dispose]();
  } catch (error) {
    return String(error);
  }
  throw new Error('It did not fail.');
}
