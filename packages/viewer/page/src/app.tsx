import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

import { KeysDialog } from './keys-dialog.tsx';
import { useKeys } from './keys.ts';
import { ListPage } from './list/list-page.tsx';
import { live, useLive } from './live.ts';
import { useAddress } from './location.ts';
import { MapPage } from './map/map-page.tsx';
import { Announcer } from './parts/announcer.tsx';
import { routeOf, type Route } from './route.ts';
import { StoreLine } from './store-line.tsx';
import { TracePage } from './trace/trace-page.tsx';

/** The whole page: header, what the address names, what the store holds. */
export function App(): JSX.Element {
  const { path, search } = useAddress();
  const route = routeOf(path, search);
  const [help, setHelp] = useState(false);
  const { paused } = useLive();
  const shownPath = useRef(path);
  useEffect(() => {
    if (shownPath.current === path) return;
    shownPath.current = path;
    // As after a load: a screen reader begins at the content, and Tab goes on from there.
    document.getElementById('main')?.focus({ preventScroll: true });
  }, [path]);
  useKeys({ '?': () => setHelp(true), p: () => live.setPaused(!paused) });
  return (
    <>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <header class="top">
        <a class="brand" href="/">
          <Logo />
          Tracing viewer
        </a>
        <nav aria-label="Pages">
          <a href="/" aria-current={route.page === 'list' ? 'page' : undefined}>
            Traces
          </a>
          <a href="/map" aria-current={route.page === 'map' ? 'page' : undefined}>
            Map
          </a>
        </nav>
        <LiveSwitch />
        <button type="button" class="quiet" aria-label="Keyboard shortcuts" onClick={() => setHelp(true)}>
          ?
        </button>
      </header>
      <Shown route={route} search={search} />
      <StoreLine />
      <KeysDialog open={help} onClose={() => setHelp(false)} />
      <Announcer />
    </>
  );
}

function Shown({ route, search }: { readonly route: Route; readonly search: string }): JSX.Element {
  if (route.page === 'list') return <ListPage search={search} />;
  if (route.page === 'map') return <MapPage />;
  if (route.page === 'trace') return <TracePage key={route.traceId} route={route} />;
  return (
    <main id="main" tabIndex={-1} class="plain">
      <h1>There is no such page</h1>
      <p>
        The viewer has <a href="/">the list of traces</a>, a page for each of them, and{' '}
        <a href="/map">the map of services</a>.
      </p>
    </main>
  );
}

/** Pauses and goes on; says whether the server is there. A text of its own for each state, not a colour alone. */
function LiveSwitch(): JSX.Element {
  const { connection, paused } = useLive();
  const state = connection !== 'live' ? connection : paused ? 'paused' : 'live';
  const text = { connecting: 'Connecting…', lost: 'Reconnecting…', paused: 'Paused', live: 'Live' }[state];
  return (
    <div class="live">
      <span class={`live-state ${state}`} role="status">
        <i aria-hidden="true" />
        {text}
      </span>
      <button type="button" onClick={() => live.setPaused(!paused)}>
        {paused ? 'Resume' : 'Pause'}
      </button>
    </div>
  );
}

function Logo(): JSX.Element {
  return (
    <svg viewBox="0 0 20 16" width="20" height="16" aria-hidden="true">
      <rect class="logo-1" x="0" y="1" width="20" height="3.4" rx="1" />
      <rect class="logo-2" x="4" y="6.3" width="12" height="3.4" rx="1" />
      <rect class="logo-3" x="8" y="11.6" width="7" height="3.4" rx="1" />
    </svg>
  );
}
