import type { JSX } from 'preact';
import { useState } from 'preact/hooks';

import { countText, cut } from '../format.ts';

const SHOWN = 1500;

/** Text from elsewhere, as text: wrapped, and cut where it is long until all of it is asked for. */
export function LongText({
  text,
  class: name = '',
}: {
  readonly text: string;
  readonly class?: string;
}): JSX.Element {
  const [whole, setWhole] = useState(false);
  const long = text.length > SHOWN;
  return (
    <>
      <bdi class={`text ${name}`}>{whole ? text : cut(text, SHOWN)}</bdi>
      {long && (
        <button type="button" class="link" aria-expanded={whole} onClick={() => setWhole(!whole)}>
          {whole ? 'Show less' : `Show all ${countText(text.length)} characters`}
        </button>
      )}
    </>
  );
}
