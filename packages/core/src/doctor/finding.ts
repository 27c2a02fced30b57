import type { DoctorFinding } from './doctor-report.ts';

/** Spans are lost, or never made. */
export function problem(code: string, message: string, advice: string): DoctorFinding {
  return { level: 'problem', code, message, advice };
}

/** May be meant, may be why. */
export function note(code: string, message: string, advice?: string): DoctorFinding {
  return { level: 'note', code, message, ...(advice !== undefined && { advice }) };
}

/** As it should be. */
export function ok(code: string, message: string): DoctorFinding {
  return { level: 'ok', code, message };
}

const ORDER = ['problem', 'note', 'ok'] as const;

/** Problems first; those of one level stay in their order. */
export function inOrder(findings: readonly DoctorFinding[]): readonly DoctorFinding[] {
  return ORDER.flatMap((level) => findings.filter((finding) => finding.level === level));
}

/** Whether there is no problem among them. */
export function isHealthy(findings: readonly DoctorFinding[]): boolean {
  return findings.every(({ level }) => level !== 'problem');
}
