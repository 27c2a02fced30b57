import { useEffect, useRef } from 'preact/hooks';

const STORED = 'tracing-viewer.keys';

/** Keys of the whole page, by what they do; shown by the help. */
export const KEYS: readonly { readonly where: string; readonly keys: string; readonly does: string }[] = [
  { where: 'Everywhere', keys: '/', does: 'To the search' },
  { where: 'Everywhere', keys: '?', does: 'Show these keys' },
  { where: 'Everywhere', keys: 'Esc', does: 'Close what is open' },
  { where: 'Everywhere', keys: 'p', does: 'Pause and go on' },
  { where: 'List', keys: '↑ ↓ Home End', does: 'Move' },
  { where: 'List', keys: 'Enter', does: 'Open the trace' },
  { where: 'Trace', keys: '↑ ↓ Home End', does: 'Move; Page up and Page down by a page' },
  { where: 'Trace', keys: '→ ←', does: 'Open and close a span; to its first child, to its parent' },
  { where: 'Trace', keys: 'Enter', does: 'Show the span' },
  { where: 'Trace', keys: 'e  E', does: 'To the next and the previous error' },
  { where: 'Trace', keys: 'n  N', does: 'To the next and the previous span found' },
  { where: 'Trace', keys: '+  −', does: 'Zoom in and out' },
  { where: 'Trace', keys: '[  ]', does: 'Move the shown time back and on' },
  { where: 'Trace', keys: 'f', does: 'Zoom to the span' },
  { where: 'Trace', keys: '0', does: 'Show the whole time' },
  { where: 'Trace', keys: 'c', does: 'Show the critical path or not' },
];

/** Whether keys of one character are heard. They are in the way of speech input, so they can be switched off. */
export function singleKeys(): boolean {
  try {
    return localStorage.getItem(STORED) !== 'off';
  } catch {
    return true;
  }
}

export function setSingleKeys(on: boolean): void {
  try {
    localStorage.setItem(STORED, on ? 'on' : 'off');
  } catch {
    // No storage: they stay on.
  }
}

/** Runs what belongs to a key, wherever the focus is but in a field that takes text. */
export function useKeys(actions: { readonly [key: string]: (() => void) | undefined }): void {
  const latest = useRef(actions);
  latest.current = actions;
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (takesText(event.target) || document.querySelector('dialog[open]') !== null) return;
      const action = latest.current[event.key];
      if (action === undefined || (event.key.length === 1 && !singleKeys())) return;
      event.preventDefault();
      action();
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, []);
}

function takesText(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement)
    return !['checkbox', 'button', 'radio', 'file'].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
