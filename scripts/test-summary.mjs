// Prints the sum of the last test run as one line; exits with 1 when it is not all good.
import { fileURLToPath } from 'node:url';
import { summaryLine, sumReports } from './test-reports.mjs';

const sum = sumReports(fileURLToPath(new URL('..', import.meta.url)));
for (const reason of sum.notRun) console.log(`not run: ${reason}`);
for (const problem of sum.problems) console.error(problem);
console.log(summaryLine(sum));
process.exitCode = sum.failed === 0 && sum.problems.length === 0 ? 0 : 1;
