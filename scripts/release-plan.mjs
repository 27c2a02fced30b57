// `node scripts/release-plan.mjs`: says what `pnpm release` would publish, in the summary of a workflow too, and gives the
// workflow `unpublished`: "true" or "false".
import './check-node.mjs';
import { appendFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { unpublished } from './registry.mjs';
import { releasedPackages } from './released-packages.mjs';

const packages = releasedPackages(fileURLToPath(new URL('..', import.meta.url)));
const given = packages.some(({ version }) => version !== '0.0.0');
const missing = given ? await unpublished(packages) : [];
const plan =
  missing.length > 0
    ? missing.map(({ name, version }) => `To publish: ${name} ${version}`).join('\n')
    : `Nothing to publish: ${given ? 'the registry has every version' : 'no version has been given yet'}.`;
console.log(plan);
const { GITHUB_OUTPUT, GITHUB_STEP_SUMMARY } = process.env;
if (GITHUB_OUTPUT) appendFileSync(GITHUB_OUTPUT, `unpublished=${missing.length > 0}\n`);
if (GITHUB_STEP_SUMMARY) appendFileSync(GITHUB_STEP_SUMMARY, `${plan.replaceAll('\n', '  \n')}\n`);
