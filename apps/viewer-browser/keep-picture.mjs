// The picture that test/readme-picture.test.ts has made becomes that of the documents.
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = import.meta.dirname;
copyFileSync(join(folder, 'screenshots/viewer.png'), join(folder, '../../docs/viewer.png'));
