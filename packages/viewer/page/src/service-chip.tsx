import type { JSX } from 'preact';

import { cut } from './format.ts';
import { ServiceSlots } from './service-slots.ts';

const STORED = 'tracing-viewer.services';
const REMEMBERED = 500;

const slots = new ServiceSlots(stored());

/** The class of a service's colour: the same for its name on every page, and after a reload. */
export function serviceClass(name: string): string {
  return `service-${slotOf(name)}`;
}

/** The number of a service's colour: `--service-3`. */
export function slotOf(name: string): number {
  const before = slots.entries.length;
  const slot = slots.slotOf(name);
  if (slots.entries.length !== before) remember();
  return slot;
}

/** A service's name beside its colour. */
export function ServiceChip({ name }: { readonly name: string }): JSX.Element {
  return (
    <span class="service">
      <i class={`chip ${serviceClass(name)}`} aria-hidden="true" />
      <bdi>{name === '' ? '(no service)' : cut(name, 80)}</bdi>
    </span>
  );
}

function stored(): [string, number][] {
  try {
    const entries: unknown = JSON.parse(localStorage.getItem(STORED) ?? '[]');
    if (!Array.isArray(entries)) return [];
    return entries.filter(
      (entry): entry is [string, number] =>
        Array.isArray(entry) && typeof entry[0] === 'string' && Number.isInteger(entry[1]),
    );
  } catch {
    // No storage, or not ours: colours are given anew.
    return [];
  }
}

function remember(): void {
  try {
    localStorage.setItem(STORED, JSON.stringify(slots.entries.slice(-REMEMBERED)));
  } catch {
    // No storage: they are given anew after a reload.
  }
}
