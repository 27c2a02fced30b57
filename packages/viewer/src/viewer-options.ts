/** Options of `startViewer`. */
export interface ViewerOptions {
  /** Address to listen on; default `127.0.0.1`. Whoever reaches any other can read and write all traces. */
  readonly host?: string;
  /** Default 4318, where exporters send to by themselves; 0 for any that is free. */
  readonly port?: number;
  /** Names, besides `localhost`, `127.0.0.1`, `[::1]` and `host`, that a request's `Host` may have. */
  readonly allowHosts?: readonly string[];
  /** Traces that are held at most; default 10,000. */
  readonly maxTraces?: number;
  /** Spans that are held at most; default 200,000. */
  readonly maxSpans?: number;
  /** Bytes that spans and log lines take at most, as estimated; default 256 MiB. */
  readonly maxBytes?: number;
}

/** A running viewer. */
export interface Viewer extends AsyncDisposable {
  /** To open in a browser, and for `OTEL_EXPORTER_OTLP_ENDPOINT`; without a slash at the end. */
  readonly url: string;
  /** Takes a line that a service has written, without its line end. One that is no JSON or names no trace is left out. */
  takeLogLine(line: string): void;
  /** Stops listening and cuts the connections. */
  close(): Promise<void>;
}
