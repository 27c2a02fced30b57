import type { DoctorFinding, DoctorReport } from './doctor-report.ts';
import { endpointFindings } from './endpoint-findings.ts';
import { note, ok, problem } from './finding.ts';
import { misspeltFindings } from './misspelt-variables.ts';
import { type DoctorSettings, formatsOf } from './settings.ts';

/**
 * What options and environment say, and what is wrong with it.
 *
 * @param view Of a folder the options in code are not seen.
 */
export function settingsFindings(
  settings: DoctorSettings,
  view: DoctorReport['view'],
): readonly DoctorFinding[] {
  return [
    ...settings.warnings.map((warning) => invalid(warning)),
    ...misspeltFindings(Object.keys(process.env)),
    ...(settings.disabled ? [DISABLED] : []),
    ...(view === 'folder' ? serviceInEnvironment(settings.service) : [serviceFinding(settings.service)]),
    // Of spans that are not made there is nothing to tell.
    ...(settings.disabled ? [] : [samplerFinding(settings.sampler), ...exporterFindings(settings)]),
  ];
}

const DISABLED = problem(
  'disabled',
  'Tracing is switched off: no span is made',
  'Unset OTEL_SDK_DISABLED, or take `disabled` out of the options of initTracing.',
);

function invalid(warning: string): DoctorFinding {
  return problem('setting-invalid', withoutCredentials(warning), 'Correct it: the value is not used.');
}

function withoutCredentials(text: string): string {
  return text.replaceAll(/\/\/[^/@\s"]*@/g, '//');
}

function serviceFinding(service: string): DoctorFinding {
  if (!service.startsWith('unknown_service')) return ok('service', `The service is called ${service}`);
  return note(
    'service-unknown',
    `The service has no name: its traces are found under ${service}`,
    'Set OTEL_SERVICE_NAME, or `serviceName` of initTracing.',
  );
}

/** Most programs name themselves in code, so that no name here is no fault. */
function serviceInEnvironment(service: string): readonly DoctorFinding[] {
  if (service.startsWith('unknown_service')) return [];
  return [
    ok('service', `The environment calls the service ${service}; a \`serviceName\` in code wins over it`),
  ];
}

function samplerFinding(sampler: string): DoctorFinding {
  // By its name and ratio; the SDK's own, handed in, tell their classes.
  const root =
    /root=(\w+)(?:\{([\d.]+)\})?/.exec(sampler) ?? /^(?:parentbased_)?(\w+)(?:\{([\d.]+)\})?$/.exec(sampler);
  const [, name = '', ratio] = root ?? [];
  if (name === 'always_off' || name === 'AlwaysOffSampler' || ratio === '0') {
    return problem(
      'sampler-off',
      `The sampler records no trace that begins here: ${sampler}`,
      'Unset OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG, or `sampler` and `samplerRatio` of initTracing.',
    );
  }
  if (ratio !== undefined && ratio !== '1') {
    return note(
      'sampler-ratio',
      `The sampler records part of the traces: ${Number(ratio) * 100} %`,
      'To see every request while you search, set OTEL_TRACES_SAMPLER_ARG=1.',
    );
  }
  return ok(
    'sampler',
    name === 'always_on' || name === 'AlwaysOnSampler' || ratio === '1'
      ? 'Every trace that begins here is recorded'
      : `The sampler is ${sampler}`,
  );
}

/** Whether the context of a request travels with its calls. */
export function propagatorFinding(fields: readonly string[]): DoctorFinding {
  const formats = formatsOf(fields);
  const carriers = formats.filter((format) => format !== 'baggage');
  if (carriers.length === 0) {
    return problem(
      'propagators-none',
      'No trace context goes out with calls or is read from requests: each service has a trace of its own',
      'Unset OTEL_PROPAGATORS, or `propagators` of initTracing.',
    );
  }
  if (formats.includes('tracecontext')) return ok('propagators', `Context travels as ${formats.join(', ')}`);
  return note(
    'propagators-not-w3c',
    `Context travels as ${formats.join(', ')}, and not in W3C's traceparent`,
    'Services that read traceparent alone begin a trace of their own; OTEL_PROPAGATORS may name several formats.',
  );
}

function exporterFindings({ exporters, otlp }: DoctorSettings): readonly DoctorFinding[] {
  if (exporters.every((name) => name === 'none')) {
    return [
      problem(
        'exporter-none',
        'Spans go nowhere: the exporter is "none"',
        'Unset OTEL_TRACES_EXPORTER, or `exporter` of initTracing.',
      ),
    ];
  }
  if (exporters.every((name) => name === 'console')) {
    return [
      note(
        'exporter-console',
        'Spans are printed on stderr and sent to no collector',
        'Set OTEL_EXPORTER_OTLP_ENDPOINT, such as http://localhost:4318.',
      ),
    ];
  }
  return otlp === undefined
    ? [ok('exporter', `Spans go to ${exporters.join(', ')}`)]
    : endpointFindings(otlp);
}
