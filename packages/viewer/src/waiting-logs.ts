import { sizeOfLog } from './memory-size.ts';
import type { StoredLog } from './stored-log.ts';

/** Log lines whose trace has not come: a service writes a line long before it sends the span. */
export class WaitingLogs {
  readonly #byTrace = new Map<string, StoredLog[]>();
  readonly #maxLines: number;
  readonly #maxBytes: number;
  #lines = 0;
  #bytes = 0;
  #dropped = 0;

  /** Past either bound the lines of the trace that has waited longest go. */
  constructor(maxLines: number, maxBytes: number) {
    this.#maxLines = maxLines;
    this.#maxBytes = maxBytes;
  }

  add(log: StoredLog): void {
    const others = this.#byTrace.get(log.traceId);
    this.#bytes += sizeOfLog(log, others?.at(-1));
    if (others) others.push(log);
    else this.#byTrace.set(log.traceId, [log]);
    this.#lines += 1;
    for (const longest of this.#byTrace.keys()) {
      if (this.#lines <= this.#maxLines && this.#bytes <= this.#maxBytes) break;
      this.#dropped += this.take(longest).length;
    }
  }

  /** How many have gone so far. */
  get dropped(): number {
    return this.#dropped;
  }

  /** The lines of a trace, which wait no more. */
  take(traceId: string): readonly StoredLog[] {
    const logs = this.#byTrace.get(traceId);
    if (!logs) return [];
    this.#byTrace.delete(traceId);
    this.#lines -= logs.length;
    for (const [index, log] of logs.entries()) this.#bytes -= sizeOfLog(log, logs[index - 1]);
    return logs;
  }
}
