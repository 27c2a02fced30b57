import { useEffect, useState } from 'preact/hooks';

import type { Facets } from '../../../src/api.ts';
import { ask } from '../ask.ts';
import { live } from '../live.ts';
import { Refresher } from '../refresher.ts';
import { slotOf } from '../service-chip.tsx';

const NOTHING: Facets = { services: [], routes: [], statuses: [], attributeKeys: [] };
const REST_MS = 2000;

/** What the store has to choose from, asked for anew as the store changes. */
export function useFacets(): Facets {
  const [facets, setFacets] = useState(NOTHING);
  useEffect(() => {
    const abort = new AbortController();
    const refresher = new Refresher(async () => {
      try {
        const answer = await ask<Facets>('/api/facets', { signal: abort.signal });
        // In the order of their names, so that the same services get the same colours everywhere.
        for (const service of answer.services) slotOf(service);
        setFacets(answer);
      } catch {
        // The list itself says what is wrong; fields can be filled in without.
      }
    }, REST_MS);
    refresher.ask();
    const stop = live.onHeard(() => refresher.ask());
    return () => {
      abort.abort();
      refresher.stop();
      stop();
    };
  }, []);
  return facets;
}
