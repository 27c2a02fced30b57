import type { ComponentChildren, JSX } from 'preact';

/** A message in the page. `problem` is read out at once. */
export function Notice({
  kind,
  children,
}: {
  readonly kind: 'note' | 'warning' | 'problem';
  readonly children: ComponentChildren;
}): JSX.Element {
  const mark = { note: 'i', warning: '!', problem: '✕' }[kind];
  return (
    <div class={`notice ${kind}`} role={kind === 'problem' ? 'alert' : 'note'}>
      <span class="notice-mark" aria-hidden="true">
        {mark}
      </span>
      <div>{children}</div>
    </div>
  );
}
