import type { ReadableSpan } from '@opentelemetry/sdk-trace';

import { writeSpan } from './otlp-span-writer.ts';
import { ProtobufBuffer } from './protobuf-buffer.ts';
import { ProtobufKeys } from './protobuf-keys.ts';
import type { OfScope } from './spans-by-scope.ts';

/** A span as it will be sent: field `spans` of a `ScopeSpans`, in a piece of memory that it shares with others. */
export interface PackedSpan extends OfScope {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/** A packed span whose memory is used again. */
interface Slot extends PackedSpan {
  /** Undefined for one that has memory of its own. */
  readonly piece: Piece | undefined;
  resource: PackedSpan['resource'];
  instrumentationScope: PackedSpan['instrumentationScope'];
  start: number;
  end: number;
}

/** A piece of memory for some hundred spans. */
interface Piece {
  readonly out: ProtobufBuffer;
  /** As many as it ever held. */
  readonly slots: Slot[];
  used: number;
  /** Those of them that were not let go. */
  waiting: number;
}

const PIECE_BYTES = 64 * 1024;
/** Where less is left, another piece is begun. */
const LEAST_ROOM = 2048;
/** Empty pieces that are kept: what waits at a thousand spans a second and more, half a megabyte. */
const SPARE_PIECES = 8;
/** Field `spans` of `ScopeSpans`, in opentelemetry/proto/trace/v1/trace.proto. */
const SPANS = 0x12;

/**
 * Packs spans when they have ended. A packed span is a third of what the span holds, and none of it is for the garbage
 * collector to follow: spans that wait to be sent would be copied by it, and have V8 double the memory for what is young.
 * For the same reason the memory of spans that were let go is used again.
 */
export class SpanPacker {
  readonly #keys = new ProtobufKeys();
  readonly #spare: Piece[] = [];
  /** The one with room; undefined while a span is written. */
  #open: Piece | undefined;

  /** @throws Where the span cannot be written. */
  pack(span: ReadableSpan): PackedSpan {
    const piece = this.#pieceWithRoom();
    const { out } = piece;
    // A getter of an attribute may end another span, which gets another piece.
    this.#open = undefined;
    const start = out.at;
    try {
      writeSpan(out, SPANS, span);
    } catch (error) {
      out.at = start;
      throw error;
    } finally {
      // One that has grown for a large span, with room for one much larger, would be held as long as this one waits.
      if (isOfUsualSize(piece)) this.#open = piece;
    }
    const { resource, instrumentationScope } = span;
    const { bytes, at: end } = out;
    if (isOfUsualSize(piece)) return fill(piece, resource, instrumentationScope, start, end);
    const own = Buffer.allocUnsafeSlow(end - start);
    bytes.copy(own, 0, start, end);
    return { resource, instrumentationScope, bytes: own, start: 0, end: own.length };
  }

  /** Lets go of spans that this packer made, each once at most. They mean nothing from then on. */
  release(spans: readonly PackedSpan[]): void {
    for (const { piece } of spans as readonly Slot[]) {
      if (piece === undefined) continue;
      piece.waiting -= 1;
      if (piece.waiting > 0 || !isOfUsualSize(piece)) continue;
      piece.used = 0;
      piece.out.at = 0;
      if (piece !== this.#open && this.#spare.length < SPARE_PIECES) this.#spare.push(piece);
    }
  }

  #pieceWithRoom(): Piece {
    const open = this.#open;
    if (open !== undefined && PIECE_BYTES - open.out.at >= LEAST_ROOM) return open;
    const spare = this.#spare.pop();
    if (spare !== undefined) return spare;
    return { out: new ProtobufBuffer(PIECE_BYTES, this.#keys), slots: [], used: 0, waiting: 0 };
  }
}

/** Whether it never grew, so that its bytes are those of its slots. */
function isOfUsualSize({ out }: Piece): boolean {
  return out.bytes.length === PIECE_BYTES;
}

function fill(
  piece: Piece,
  resource: PackedSpan['resource'],
  instrumentationScope: PackedSpan['instrumentationScope'],
  start: number,
  end: number,
): Slot {
  const slot = piece.slots[piece.used];
  piece.used += 1;
  piece.waiting += 1;
  if (slot === undefined) {
    const made: Slot = { piece, resource, instrumentationScope, bytes: piece.out.bytes, start, end };
    piece.slots.push(made);
    return made;
  }
  slot.resource = resource;
  slot.instrumentationScope = instrumentationScope;
  slot.start = start;
  slot.end = end;
  return slot;
}
