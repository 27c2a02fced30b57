/** What the kit reports of one exporter. */
export interface ExportReport {
  readonly url?: string;
  readonly taken: number;
  readonly exported: number;
  readonly dropped: number;
  readonly waiting: number;
}

/** What the kit reports of itself: the part of it that is read here. */
export interface Report {
  readonly ended: number;
  readonly exports: readonly ExportReport[];
}

/** One look into a service, by the module that is loaded into it. */
export interface Reading {
  readonly report: Report;
  /** Bytes of the heap in use after a collection of garbage. */
  readonly heapUsed: number;
  /** Bytes of the process's memory. */
  readonly rss: number;
  /** Microseconds of processor time since the start. */
  readonly cpuMicros: number;
  /** What keeps the event loop busy: sockets, timers. */
  readonly resources: number;
}
