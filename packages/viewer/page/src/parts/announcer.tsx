import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';

let tell: ((text: string) => void) | undefined;

/** Has a screen reader say a text. */
export function announce(text: string): void {
  tell?.(text);
}

/** Where {@link announce} puts its text; once on the page. */
export function Announcer(): JSX.Element {
  const [text, setText] = useState('');
  useEffect(() => {
    tell = setText;
    return () => {
      tell = undefined;
    };
  }, []);
  return (
    <div role="status" class="unseen">
      {text}
    </div>
  );
}
