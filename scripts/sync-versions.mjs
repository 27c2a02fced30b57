// After `changeset version`: writes each package's new version into its src/version.ts, where it has one.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const packages = join(process.cwd(), 'packages');

for (const name of readdirSync(packages)) {
  const file = join(packages, name, 'src/version.ts');
  if (!existsSync(file)) continue;
  const { version } = JSON.parse(readFileSync(join(packages, name, 'package.json'), 'utf8'));
  const source = readFileSync(file, 'utf8');
  const constant = /(?<=^export const version(?:: string)? = ')[^']*(?=';$)/m;
  if (!constant.test(source)) throw new Error(`${file} has no line "export const version = '…';"`);
  writeFileSync(file, source.replace(constant, version));
}
