// `pnpm fuzz`: the properties of every `hostile-*.test.ts`, in rounds with new seeds, until the time is up or one fails.
// `--minutes 30` says how long (10 by default), `--only baggage` which by words of their names, `--seed` and `--path`
// repeat what a failure has printed.
import './check-node.mjs';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** For each property in each round. */
const MILLIS = 5000;

const root = fileURLToPath(new URL('..', import.meta.url));
const { minutes, only, seed, path } = options();
const end = Date.now() + minutes * 60_000;
const folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
/** @type {Map<string, number>} */
const runs = new Map();
let good = run('turbo', ['run', 'build', '--output-logs=errors-only'], root);
let rounds = 0;
try {
  while (good && Date.now() < end) {
    rounds++;
    for (const member of members()) {
      if (good && Date.now() < end) good = fuzz(member);
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
for (const [name, count] of runs) console.log(`${String(count).padStart(10)}  ${name}`);
console.log(good ? `All held: ${runs.size} properties, ${rounds} rounds.` : 'One failed: see above.');
process.exitCode = good && runs.size > 0 ? 0 : 1;
if (good && runs.size === 0) console.error(`No property has "${only ?? ''}" in its name.`);

function options() {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '10' },
      only: { type: 'string' },
      seed: { type: 'string' },
      path: { type: 'string' },
    },
  });
  const asked = { ...values, minutes: Number(values.minutes) };
  if (!(asked.minutes > 0) || (asked.seed !== undefined && !Number.isInteger(Number(asked.seed)))) {
    console.error('--minutes has to be a number above 0, --seed a whole number.');
    process.exit(1);
  }
  return asked;
}

/** The packages and apps that have properties. */
function members() {
  return ['packages', 'apps']
    .flatMap((kind) => readdirSync(join(root, kind)).map((name) => join(root, kind, name)))
    .filter((member) => existsSync(join(member, 'test')))
    .filter((member) => readdirSync(join(member, 'test')).some((file) => file.startsWith('hostile-')));
}

/**
 * Runs the properties of one member.
 *
 * @param {string} member
 */
function fuzz(member) {
  const report = join(folder, 'report.jsonl');
  rmSync(report, { force: true });
  // The tests around them are no properties: `hold` names those by a subject and a colon.
  const name = `^(?=.*${escaped(only ?? '')})[\\w ]+: `;
  const held = run(
    'vitest',
    ['run', '--config', join(root, 'vitest.config.ts'), 'test/hostile-', '--no-file-parallelism', '-t', name],
    member,
    {
      FUZZ_MILLIS: String(MILLIS),
      FUZZ_REPORT: report,
      ...(seed !== undefined && { FUZZ_SEED: seed }),
      ...(path !== undefined && { FUZZ_PATH: path }),
      TEST_REPORT_FILE: join(folder, 'vitest.json'),
    },
  );
  for (const line of existsSync(report) ? readFileSync(report, 'utf8').trim().split('\n') : []) {
    /** @type {import('../apps/fuzz/src/hold.ts').PropertyReport} */
    const property = JSON.parse(line);
    runs.set(property.name, (runs.get(property.name) ?? 0) + property.runs);
    if (!property.failed) continue;
    console.error(`\nFailed: ${property.name}`);
    console.error(
      `To repeat it: pnpm fuzz --only '${property.name}' --seed ${property.seed} --path ${property.path}`,
    );
  }
  return held;
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} cwd
 * @param {Record<string, string>} environment
 */
function run(command, args, cwd, environment = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...environment },
    shell: process.platform === 'win32',
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status === 0) return true;
  console.error(stdout);
  console.error(stderr);
  return false;
}

/** @param {string} text */
function escaped(text) {
  return text.replaceAll(/[\\^$.|?+*()[\]{}]/g, String.raw`\$&`);
}
