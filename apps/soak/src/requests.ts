import { randomNumbers } from './random.ts';

/** One turn of a client: what it sends, and what is to come of it. */
export interface Turn {
  readonly bytes: Buffer;
  /** Requests in `bytes`; more than one are pipelined. */
  readonly requests: number;
  /** Statuses that each may be answered with; 0 stands for a connection that the server cuts. */
  readonly statuses: readonly number[];
  /** When the client goes, where it does before the answer is whole. */
  readonly abort?: Abort;
}

/** When a client goes: after so many milliseconds, or so many bytes of an answer. */
export interface Abort {
  readonly afterMillis?: number;
  readonly afterBytes?: number;
  /** Whether by RST, in place of FIN. */
  readonly reset: boolean;
}

const TRACED = [
  'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  'tracestate: vendor=t61rcWkgMzE',
  'baggage: tenant=a1',
];

/** Every hundred requests have five that their clients abort, one that fails, and this of the rest. */
export class RequestMix {
  readonly #random = randomNumbers(7);
  readonly #host: string;
  #index = 0;
  #turns = 0;

  constructor(port: number) {
    this.#host = `127.0.0.1:${port}`;
  }

  next(): Turn {
    const place = this.#index % 100;
    const turn = place < 5 ? this.#aborted(place) : place === 5 ? this.#failing() : this.#usual(place);
    this.#index += turn.requests;
    this.#turns += 1;
    return turn;
  }

  /** Every fourth hundred, three of the five are pipelined on one connection. */
  #aborted(place: number): Turn {
    const reset = this.#random() < 0.5;
    const afterMillis = this.#random() * 10;
    if (place === 0 && this.#index % 400 === 0) {
      const bytes = Buffer.concat(['/hang', '/orders/1', '/hang'].map((path) => this.#get(path)));
      return { bytes, requests: 3, statuses: [], abort: { afterMillis, reset } };
    }
    const abort = { afterMillis, reset };
    const one = { requests: 1, statuses: [] };
    switch (Math.floor(this.#random() * 5)) {
      case 0:
        return { ...one, bytes: this.#get('/hang'), abort };
      case 1:
        return { ...one, bytes: this.#get(afterMillis < 5 ? '/late' : '/late/hang'), abort };
      case 2:
        return { ...one, bytes: this.#post(200), abort };
      case 3:
        // Gone at once: the request is read together with the end.
        return { ...one, bytes: this.#get('/late'), abort: { afterMillis: 0, reset: false } };
      default:
        return {
          ...one,
          bytes: this.#get('/endless'),
          abort: { afterBytes: 1 + Math.floor(this.#random() * 8192), reset },
        };
    }
  }

  #failing(): Turn {
    switch (Math.floor(this.#random() * 3)) {
      case 0:
        return this.#one('/fail/now', 500);
      case 1:
        return this.#one('/fail/later', 500);
      default:
        return this.#one('/fail/stream', 0);
    }
  }

  #usual(place: number): Turn {
    if (place < 10) return this.#one(`/nothing/${this.#turns}`, 404);
    if (place < 15) return this.#one('/health', 200);
    if (place < 20) return this.#one('/stream', 200);
    if (place < 25) return { bytes: this.#post(0), requests: 1, statuses: [200] };
    if (place === 25) return this.#one('/out', 200);
    if (place === 26) {
      const bytes = Buffer.concat([this.#get('/orders/1'), this.#get('/stream'), this.#get('/health')]);
      return { bytes, requests: 3, statuses: [200] };
    }
    return this.#one(`/orders/${this.#turns}?page=2`, 200);
  }

  #one(path: string, status: number): Turn {
    return { bytes: this.#get(path), requests: 1, statuses: [status] };
  }

  #get(path: string): Buffer {
    return Buffer.from(`GET ${path} HTTP/1.1\r\n${this.#headers()}\r\n\r\n`);
  }

  /** @param missing Bytes of the body that never come. */
  #post(missing: number): Buffer {
    const body = JSON.stringify({ sku: 'anvil', quantity: 1 });
    const headers = `${this.#headers()}\r\ncontent-type: application/json\r\ncontent-length: ${body.length + missing}`;
    return Buffer.from(`POST /orders HTTP/1.1\r\n${headers}\r\n\r\n${body}`);
  }

  /** Half of the callers are traced themselves. */
  #headers(): string {
    const host = `host: ${this.#host}`;
    return this.#random() < 0.5 ? host : [host, ...TRACED].join('\r\n');
  }
}
