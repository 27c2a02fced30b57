import { useEffect, useState } from 'preact/hooks';

type Listener = () => void;
const listeners = new Set<Listener>();

/** Path and query of the address, as it changes. */
export function useAddress(): { readonly path: string; readonly search: string } {
  const [address, setAddress] = useState(read);
  useEffect(() => {
    const update = (): void => setAddress(read());
    listeners.add(update);
    window.addEventListener('popstate', update);
    // What came between the first drawing and now.
    update();
    return () => {
      listeners.delete(update);
      window.removeEventListener('popstate', update);
    };
  }, []);
  return address;
}

/** Goes to an address of this page, as a link would. */
export function go(href: string): void {
  history.pushState(null, '', href);
  for (const listener of listeners) listener();
}

/** Puts another address in the place of the present one: no step for the browser's "back". */
export function replaceAddress(href: string): void {
  if (href === location.pathname + location.search) return;
  history.replaceState(history.state, '', href);
  for (const listener of listeners) listener();
}

/** Follows links within the page without loading it anew. Those with `download` or another target are the browser's. */
export function followLinks(): void {
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a[href]') : null;
    if (link === null || link.hasAttribute('download') || link.hasAttribute('target')) return;
    // Of HTML an address as text, of SVG an animated one.
    const address = new URL(link.getAttribute('href') ?? '', location.href);
    if (address.origin !== location.origin || address.pathname.startsWith('/api/')) return;
    if (address.hash !== '') return;
    event.preventDefault();
    go(address.pathname + address.search);
  });
}

function read(): { path: string; search: string } {
  return { path: location.pathname, search: location.search };
}
