import { SERVICES } from './chain.ts';
import type { Fault } from './faults.ts';
import type { FaultResult, ServiceResult } from './run-fault.ts';

/** In what a result is less than was promised, in words; nothing where all is as it has to be. */
export function shortcomings(result: FaultResult): readonly string[] {
  const { requests, failures } = result.all;
  return [
    ...(failures.length > 0 ? [`${failures.length} of ${requests} requests failed: ${failures[0]}`] : []),
    ...SERVICES.flatMap((name) =>
      shortcomingsOf(result.services[name], result).map((what) => `${name}: ${what}`),
    ),
  ];
}

function shortcomingsOf(service: ServiceResult, { fault, queue, drainMillis }: FaultResult): string[] {
  const { made, ended, delivered, deliveredBefore, dropped, waiting, waitingAtWorst } = service;
  const short: string[] = [];
  const check = (isRight: boolean, what: string): void => {
    if (!isRight) short.push(what);
  };

  check(ended === made, `${made} spans were made, ${ended} are reported as ended`);
  check(
    delivered + dropped + waiting === ended,
    `${delivered} delivered, ${dropped} dropped and ${waiting} waiting are not the ${ended} that ended`,
  );
  check(
    waitingAtWorst <= queue.size + queue.batch,
    `${waitingAtWorst} spans waited, where ${queue.size} may and ${queue.batch} may be on their way`,
  );
  if (fault.promise === 'kept')
    check(dropped === 0, `${dropped} spans were dropped, for which there was room`);
  else check(dropped > 0, 'no span is counted as dropped');
  if (fault.endpoint !== 'nowhere') {
    check(drainMillis !== undefined, `${waiting} spans still wait, long after the collector was well`);
  }
  if (fault.endpoint !== 'nowhere' && fault.promise !== 'refused') {
    const held = deliveredBefore + waitingAtWorst;
    check(
      delivered >= held,
      `${delivered} spans were delivered, where ${held} were before it or in the queue`,
    );
  }
  short.push(...badLines(service, fault));
  return short;
}

/** One warning when it begins, with address and cause, and one line when it ends; none where spans get through. */
function badLines({ lines, hasSpoken }: ServiceResult, { behaviour: { does }, endpoint }: Fault): string[] {
  const isTrouble = endpoint === 'nowhere' || (does !== 'accept' && does !== 'cut-response');
  const wanted = isTrouble ? [BEGIN, ...(endpoint === 'nowhere' ? [] : [END])] : [];
  // Trouble that follows other trouble within the minute is not told of.
  if (hasSpoken && lines.length === 0) return [];
  const fits = lines.length === wanted.length && wanted.every((form, index) => form.test(lines[index] ?? ''));
  return fits
    ? []
    : [`${lines.length} lines were written, where ${wanted.length} are due: ${lines.join(' ')}`];
}

const BEGIN =
  /^\[tracing\] warning: spans do not reach https?:\/\/\S+: .+\d+ wait \(at most \d+\), \d+ were dropped/;
const END = /^\[tracing\] warning: spans reach https?:\/\/\S+ again, after \d+ s\. /;
