import type { Behaviour } from './behaviour.ts';
import { startCollector } from './collector.ts';
import { type End, ENDS, endsOf, type Place, PLACES } from './program-ends.ts';
import { type ProgramEnd, runProgram } from './run-program.ts';

type CollectorState = 'never answers' | 'refuses' | 'well';

/** What the collector does while the program ends. */
const COLLECTORS: readonly (readonly [CollectorState, Behaviour])[] = [
  ['well', { does: 'accept' }],
  ['refuses', { does: 'refuse' }],
  ['never answers', { does: 'hang' }],
];

/** One end of a program. */
export interface ShutdownRow {
  readonly place: Place;
  readonly end: End;
  readonly collector: CollectorState;
  readonly traced: ProgramEnd;
  /** The same program without tracing. */
  readonly plain: ProgramEnd;
  /** Distinct spans that the collector took. */
  readonly delivered: number;
}

/** Lets a program end in every way, in every place, with each of the collectors. */
export async function measureShutdown(say: (line: string) => void): Promise<readonly ShutdownRow[]> {
  await using collector = await startCollector({ tls: false });
  const rows: ShutdownRow[] = [];
  for (const place of PLACES) {
    for (const end of endsOf(place)) {
      const plain = await runProgram(place, end, { TRACING: 'off' });
      for (const [name, behaviour] of COLLECTORS) {
        await collector.behave(behaviour);
        const service = `program-${rows.length}`;
        const traced = await runProgram(place, end, {
          TRACING: 'on',
          OTEL_SERVICE_NAME: service,
          OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        });
        const { services } = await collector.counts();
        const delivered = services[service]?.accepted ?? 0;
        rows.push({ place, end, collector: name, traced, plain, delivered });
        say(
          `${place}, ${ENDS[end]}, ${name}: ${traced.exit} after ${traced.millis.toFixed(0)} ms, ${delivered} delivered`,
        );
      }
    }
  }
  return rows;
}
