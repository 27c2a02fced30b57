import type { JSX } from 'preact';

import type { JsonValue } from '../../../src/api.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { LongText } from '../parts/long-text.tsx';

/** Attributes by name, each value as the text that it is. */
export function AttributeTable({
  attributes,
}: {
  readonly attributes: { readonly [key: string]: JsonValue };
}): JSX.Element {
  const keys = Object.keys(attributes).toSorted();
  return (
    <dl class="attributes">
      {keys.map((key) => {
        const value = attributes[key] ?? null;
        const text = valueText(value);
        return (
          <div key={key} class={isLong(text) ? 'long' : ''}>
            <dt>
              <bdi>{key}</bdi>
            </dt>
            <dd class={typeof value}>
              <LongText text={text} />
              <CopyButton what={`value of ${key.slice(0, 60)}`} text={text} />
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

/** Text as it is, lists and objects as JSON. */
export function valueText(value: JsonValue): string {
  if (typeof value === 'string') return value;
  return JSON.stringify(value, null, typeof value === 'object' ? 2 : undefined);
}

/** Whether a value wants a line of its own. */
function isLong(text: string): boolean {
  return text.length > 90 || text.includes('\n');
}
