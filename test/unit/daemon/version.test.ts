import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VERSION } from '../../../src/daemon/version.js';

test('the daemon tells the version of the package', () => {
  expect(VERSION).toBe((JSON.parse(readFileSync(join(__dirname, '../../../package.json'), 'utf8')) as { version: string }).version);
});
