import { propagation } from '@opentelemetry/api';

import { registeredGlobal } from './sdk/globals.ts';

let propagator: object | undefined;
let names: readonly string[] = [];

/** The headers that the registered propagator writes, in lower case. It is asked once. */
export function propagatedHeaders(): readonly string[] {
  const registered = registeredGlobal('propagation');
  if (registered !== propagator) {
    names = propagation.fields().map((name) => name.toLowerCase());
    propagator = registered;
  }
  return names;
}
