export type { SpanRecord, SpanRecordEvent, SpanRecordLink } from './span-record.ts';
export { version } from './version.ts';
