import type { DoctorFinding, DoctorReport, PackageCopy, Registered } from './doctor-report.ts';

const MARKS: Readonly<Record<DoctorFinding['level'], string>> = { problem: '✗', note: '!', ok: '✓' };

/**
 * A report of `doctor` as text for people: what is wrong first, each with what to do, then everything that was seen.
 *
 * @returns Lines without colours, and with a line feed at the end.
 */
export function formatDoctorReport(report: DoctorReport): string {
  const lines = [
    summary(report),
    '',
    ...report.findings.flatMap((finding) => findingLines(finding)),
    '',
    ...table(facts(report)),
    ...(report.view === 'folder' ? ['', SEEN_FROM_OUTSIDE] : []),
  ];
  return `${lines.join('\n')}\n`;
}

const SEEN_FROM_OUTSIDE =
  'Seen from outside: packages, and the variables of this shell. What holds in a running program, that tells by `doctor()`.';

function summary({ findings, view, folder }: DoctorReport): string {
  const counts = [count(findings, 'problem'), count(findings, 'note')].join(', ');
  const what = view === 'process' ? 'this process' : folder;
  return `tracing-doctor: ${counts} in ${what}`;
}

function count(findings: readonly DoctorFinding[], level: 'note' | 'problem'): string {
  const found = findings.filter((finding) => finding.level === level).length;
  return `${found === 0 ? 'no' : found} ${level}${found === 1 ? '' : 's'}`;
}

function findingLines({ level, message, advice }: DoctorFinding): string[] {
  return [`${MARKS[level]} ${message}`, ...(advice === undefined ? [] : [`  → ${advice}`])];
}

type Fact = readonly [name: string, value: string | undefined];

function facts(report: DoctorReport): readonly Fact[] {
  const { api, traced, untraced, exporters, spans, probe } = report;
  const outgoing = traced.outgoingHttp ? ['outgoing HTTP'] : [];
  const plugins = traced.plugins.map(({ name, version }) => `${name} ${version}`);
  return [
    ['node', report.node],
    ['core', copies(report.core)],
    [
      'api',
      [api.registered && `registered by ${api.registered}`, copies(api.copies)].filter(Boolean).join('; '),
    ],
    ['service', report.service],
    ['provider', registered(report.provider)],
    ['context', registered(report.contextManager)],
    ['propagators', listed(report.propagators)],
    ['sampler', report.sampler],
    [
      'exporter',
      exporters &&
        listed(exporters.map(({ name, url, protocol }) => [name, protocol, url].filter(Boolean).join(' '))),
    ],
    ['traced', listed([...outgoing, ...plugins, ...traced.instrumentations])],
    ['not traced', untraced.length > 0 ? copies(untraced) : undefined],
    ['log lines', report.loggers && listed(report.loggers)],
    ['spans', spans && `${spans.started} started, ${spans.ended} ended`],
    ...(spans?.exports ?? []).flatMap((one): Fact[] => [
      [
        `  ${one.exporter}`,
        `${one.taken} taken, ${one.exported} exported, ${one.dropped} dropped, ${one.waiting} waiting`,
      ],
      ['  last error', one.lastError && `${one.lastError.time} ${one.lastError.message}`],
      ['  failing since', one.failingSince],
    ]),
    ['probe', probe && `${probe.url} ${probe.error ?? probe.status ?? 'connected'}, ${probe.millis} ms`],
  ];
}

function copies(found: readonly PackageCopy[]): string {
  return listed(found.map(({ name, version, folder }) => `${name} ${version} in ${folder}`));
}

function registered(what: Registered | undefined): string | undefined {
  if (what === undefined) return undefined;
  return what.setBy === 'nobody' ? 'none' : `${what.name}, set by ${WHO[what.setBy]}`;
}

const WHO = { application: 'the application', initTracing: 'initTracing' } as const;

function listed(parts: readonly string[]): string {
  return parts.length > 0 ? parts.join(', ') : 'none';
}

function table(rows: readonly Fact[]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.flatMap(([name, value]) => (value ? [`${name.padEnd(width)}  ${value}`] : []));
}
