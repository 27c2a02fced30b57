import type { JSX } from 'preact';

import { CopyButton } from '../parts/copy-button.tsx';

/** What to do where no trace has come yet. */
export function EmptyStore(): JSX.Element {
  // The viewer takes OTLP at the port that this page came from.
  const endpoint = `${location.protocol}//${location.hostname === '127.0.0.1' ? 'localhost' : location.hostname}:${location.port || '80'}`;
  const run = `OTEL_EXPORTER_OTLP_ENDPOINT=${endpoint} node server.js`;
  const pipe = `${run} 2>&1 | npx @org/tracing-viewer --port ${location.port || '80'} --stdin`;
  return (
    <section class="empty start" aria-labelledby="start-title">
      <h2 id="start-title">No trace has come yet</h2>
      <p>Start a service that is traced, and tell it to send its spans here:</p>
      <Command text={run} />
      <p>
        Any OpenTelemetry SDK will do, over OTLP/HTTP (<code>http/protobuf</code> or <code>http/json</code>).
        Then send the service a request: its trace appears here by itself.
      </p>
      <p>
        For the log lines of a service that writes JSON lines, end this viewer and start one at the end of a
        pipe:
      </p>
      <Command text={pipe} />
      <p>Or drop a file of OTLP JSON onto this page.</p>
    </section>
  );
}

function Command({ text }: { readonly text: string }): JSX.Element {
  return (
    <div class="command">
      <code>{text}</code>
      <CopyButton what="command" text={text} />
    </div>
  );
}
