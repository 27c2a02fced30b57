/** Parts of the reader's application, which a program uses and does not make. */
function application(...names: readonly string[]): string {
  return names.map((name) => `\n/** @type {any} */ var ${name};`).join('');
}

/** What stands behind a program of the documents to be compiled, by its page and number. */
export const GIVEN: Readonly<Record<string, string>> = {
  'docs-http-options.1': `import { koaTracing } from '@org/tracing-koa';${application('app')}`,
  'docs-http-options.2': `import { expressTracing } from '@org/tracing-express';${application('app')}`,
  'docs-http-options.3': `import { fastifyTracing } from '@org/tracing-fastify';${application('app')}`,
  'docs-http-options.4': `import { koaTracing } from '@org/tracing-koa';${application('app')}`,
  'docs-http-options.5': application('pool', 'use'),
  'docs-messages.9': application('producer', 'consumer'),
  'docs-messages.13': application('sqs', 'QueueUrl'),
  'docs-messages.15': application('channel'),
  'docs-add-to-an-application.8': application('app'),
  'docs-add-to-an-application.10': application('app'),
  'docs-from-dd-trace.1': application('order', 'pack'),
  'packages-core-README.4': application('boss'),
  'packages-pg-README.3': `import { context, trace } from '@opentelemetry/api';
import DataLoader from 'dataloader';
import { withSpan } from '@org/tracing-core';${application('readStock', 'sku')}`,
};

/** Pages whose blocks are held by another test, which names it. */
export const HELD_ELSEWHERE: Readonly<Record<string, string>> = {
  'docs-write-a-plugin':
    'apps/hono-plugin/test/guide.test.ts holds each to its source, which is compiled, or runs it',
};

/** Packages that programs import and that are not installed where they are compiled. */
export const UNTYPED: string = [
  '@opentelemetry/context-async-hooks',
  '@opentelemetry/instrumentation-ioredis',
  '@opentelemetry/sdk-trace-node',
  'dataloader',
  'pino',
  'winston',
]
  .map((name) => `declare module '${name}';`)
  .join('\n');
