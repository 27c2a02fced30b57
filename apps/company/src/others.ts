import { createRequire } from 'node:module';

import type * as httpPackage from '@opentelemetry/instrumentation-http';
import type * as undiciPackage from '@opentelemetry/instrumentation-undici';
import type * as pgPackage from '@opentelemetry/instrumentation-pg';
import type * as expressPackage from '@opentelemetry/instrumentation-express';
import type * as koaPackage from '@opentelemetry/instrumentation-koa';
import type * as basePackage from '@opentelemetry/instrumentation';
import type * as sdkPackage from '@opentelemetry/sdk-node';

const require = createRequire(import.meta.url);

/** Instrumentations of somebody else for a service of that framework; each patches what it can from here on. */
export function makeInstrumentations(framework: string): basePackage.Instrumentation[] {
  const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http') as typeof httpPackage;
  const { UndiciInstrumentation } = require('@opentelemetry/instrumentation-undici') as typeof undiciPackage;
  const { PgInstrumentation } = require('@opentelemetry/instrumentation-pg') as typeof pgPackage;
  return [
    new HttpInstrumentation(),
    new UndiciInstrumentation(),
    new PgInstrumentation(),
    ...ofFramework(framework),
  ];
}

function ofFramework(framework: string): basePackage.Instrumentation[] {
  if (framework === 'express') {
    const { ExpressInstrumentation } =
      require('@opentelemetry/instrumentation-express') as typeof expressPackage;
    return [new ExpressInstrumentation()];
  }
  if (framework === 'koa') {
    const { KoaInstrumentation } = require('@opentelemetry/instrumentation-koa') as typeof koaPackage;
    return [new KoaInstrumentation()];
  }
  // Fastify's is a plugin, which the application registers itself.
  return [];
}

/** Registers instrumentations with whichever provider is registered then. */
export function registerOthers(framework: string): void {
  const { registerInstrumentations } = require('@opentelemetry/instrumentation') as typeof basePackage;
  registerInstrumentations({ instrumentations: makeInstrumentations(framework) });
}

/** Starts an SDK in code, with a provider and an exporter of its own. @returns Sends what it has. */
export function startOtherSdk(instrumentations: basePackage.Instrumentation[]): () => Promise<void> {
  const { NodeSDK } = require('@opentelemetry/sdk-node') as typeof sdkPackage;
  const sdk = new NodeSDK({ instrumentations });
  sdk.start();
  return () => sdk.shutdown();
}
