import type { DoctorFinding, DoctorReport } from '../../src/doctor/doctor-report.ts';

/** The codes of what is no good. */
export function complaints(report: DoctorReport): readonly string[] {
  return report.findings.filter(({ level }) => level !== 'ok').map(({ code }) => code);
}

/** The finding of that code. */
export function finding(report: DoctorReport, code: string): DoctorFinding | undefined {
  return report.findings.find((each) => each.code === code);
}
