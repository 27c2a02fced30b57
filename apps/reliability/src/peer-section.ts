import type { PeerRow } from './measure-peer.ts';
import { table } from './table.ts';

/** The generated part of the document about upstream's batch processor. */
export function peerSection(rows: readonly PeerRow[]): string {
  return table(
    [
      ['the collector', 'left'],
      ['ended', 'right'],
      ['delivered', 'right'],
      ['lost', 'right'],
    ],
    rows.map(({ fault, made, delivered }) => [
      fault.title,
      String(made),
      String(delivered),
      String(made - delivered),
    ]),
  );
}
