import type { ExpectedSpan } from '@org/tracing-testing/vitest';

import { chain } from './chain.ts';

/** What placing an order is at the inventory, with what is made of the order below it. */
export function placing(...children: readonly ExpectedSpan[]): ExpectedSpan {
  return chain(
    { service: 'inventory', kind: 'SERVER', name: 'POST /orders', status: 'UNSET' },
    {
      service: 'inventory',
      kind: 'PRODUCER',
      name: 'send orders',
      status: 'UNSET',
      attributes: { 'messaging.system': 'pg-boss', 'messaging.destination.name': 'orders' },
      children: [
        { service: 'inventory', kind: 'CLIENT', name: 'INSERT pgboss.job SELECT SELECT pgboss.queue' },
        ...children,
      ],
    },
  );
}

/** A question for the stock, from whoever asks. */
export function asking(service: string): ExpectedSpan {
  return chain(
    { service, kind: 'CLIENT', name: 'GET', status: 'UNSET' },
    { service: 'inventory', kind: 'SERVER', name: 'GET /stock/:sku', status: 'UNSET' },
    { service: 'inventory', kind: 'CLIENT', name: 'SELECT stock article', status: 'UNSET' },
  );
}

/** What the worker makes of an order. */
export const packing: ExpectedSpan = chain(
  { service: 'worker', kind: 'CONSUMER', name: 'process orders', status: 'UNSET' },
  asking('worker'),
);

/** `POST /dispatch` where what is to be shipped is ordered, with what is made of the order below it. */
export function dispatching(...children: readonly ExpectedSpan[]): ExpectedSpan {
  return chain(
    { service: 'dispatcher', kind: 'SERVER', name: 'POST /dispatch', status: 'UNSET' },
    { service: 'dispatcher', kind: 'CLIENT', name: 'POST', status: 'UNSET' },
    {
      service: 'commander',
      kind: 'SERVER',
      name: 'POST /command',
      status: 'UNSET',
      children: [
        asking('commander'),
        chain({ service: 'commander', kind: 'CLIENT', name: 'POST', status: 'UNSET' }, placing(...children)),
      ],
    },
  );
}
