import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const started = performance.now();

/**
 * Runs one command from the root of the repository, with a line before and a line after it.
 *
 * @param {string} title What the step does, as in "Install packages".
 * @param {string[]} commandLine The program and its arguments.
 * @param {{ hint: string, quiet?: boolean }} options `hint` says what to do when it fails; a `quiet` step
 *   shows its output only then.
 * @returns {Promise<boolean>} Whether the command succeeded.
 */
export async function step(title, commandLine, { hint, quiet = false }) {
  const begun = performance.now();
  say(`▸ ${title}${quiet ? '' : `: ${commandLine.join(' ')}`}`);
  // A quiet step that takes long still shows that it lives.
  const pulse = quiet && setInterval(() => say(`  … ${title}, ${seconds(begun)}`), 10_000);
  const { code, output } = await run(commandLine, quiet);
  if (pulse) clearInterval(pulse);
  if (code === 0) {
    say(`✓ ${title} (${seconds(begun)})`);
    return true;
  }
  process.stderr.write(output);
  say(`✗ ${title} failed (${seconds(begun)}): ${commandLine.join(' ')} gave ${code}. ${hint}`);
  return false;
}

/**
 * @param {string[]} commandLine
 * @param {boolean} quiet
 * @returns {Promise<{ code: number | string, output: string }>}
 */
function run([command = '', ...args], quiet) {
  const child = spawn(command, args, {
    cwd: root,
    shell: process.platform === 'win32',
    stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (/** @type {string} */ text) => (output += text));
  }
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: error.message, output }));
    child.on('close', (code, signal) => resolve({ code: code ?? String(signal), output }));
  });
}

/** @param {string} line */
export function say(line) {
  console.log(`[${seconds(started).padStart(7)}] ${line}`);
}

/** @param {number} since */
function seconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
