import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import { announce } from './announcer.tsx';

const SHOWN_MS = 1500;

/** A button that copies a text. Its name says what: `Copy trace id`. */
export function CopyButton({ what, text }: { readonly what: string; readonly text: string }): JSX.Element {
  const [done, setDone] = useState<'' | 'Copied' | 'Not copied'>('');
  useEffect(() => {
    if (done === '') return undefined;
    const timer = setTimeout(() => setDone(''), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [done]);
  const copy = async (): Promise<void> => {
    const copied = await copyText(text);
    setDone(copied ? 'Copied' : 'Not copied');
    announce(copied ? `Copied ${what}` : `The browser does not let ${what} be copied`);
  };
  return (
    <button
      type="button"
      class="copy"
      aria-label={`Copy ${what}`}
      title={`Copy ${what}`}
      onClick={() => void copy()}
    >
      {done === '' ? 'Copy' : done}
    </button>
  );
}

async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without permission, or over plain HTTP from another machine, where there is no clipboard.
    return false;
  }
}
