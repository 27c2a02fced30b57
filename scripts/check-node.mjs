// Imported first, for its effect: an old Node would otherwise fail somewhere deep in an install.
import { readFileSync } from 'node:fs';

const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const [wantedMajor, wantedMinor] = engines.node.match(/\d+/g).map(Number);
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < wantedMajor || (major === wantedMajor && minor < wantedMinor)) {
  console.error(`Node ${process.versions.node} is too old here: ${engines.node} is needed.`);
  console.error('Install a newer one (https://nodejs.org, or nvm, fnm, volta), then run this again.');
  process.exit(1);
}
