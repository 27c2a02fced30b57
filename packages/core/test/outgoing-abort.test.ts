import { made } from '@org/fuzz';
import { expect, test } from 'vitest';

import { withSpan } from '../src/with-span.ts';
import { outgoing } from './support/outgoing.ts';

test.each(['revoked', 'allTrapsThrow', 'errorWithoutWords', 'proxyOfError'])(
  'a call that is given up with a reason that nobody can look at ends its span, and no more: %s',
  async (kind) => {
    const { url, arrived, client } = await outgoing({}, { answer: () => undefined });
    const controller = new AbortController();
    const reason = made({ kind, text: 'x', inner: [] });
    const call = withSpan('parent', () => fetch(url, { signal: controller.signal }));
    const outcome = call.then(
      () => 'answered',
      () => 'given up',
    );
    await arrived;
    controller.abort(reason);
    expect(await outcome).toBe('given up');
    expect(client().ended).toBe(true);
  },
);
