import { EACCES, ENOENT } from '../../../src/base/errno.js';
import { findProgram, startProcess } from '../../../src/client/spawn.js';

const PATH = { PATH: '/nowhere:/usr/bin:/bin' };

test('a program is found as a shell finds it', () => {
  expect(findProgram('sh', PATH)).toMatch(/bin\/sh$/);
  expect(findProgram('/bin/sh', {})).toBe('/bin/sh');
});

test('what is not there is ENOENT, what cannot be run EACCES', () => {
  const errnoOf = (name: string) => {
    try {
      findProgram(name, PATH);
    } catch (error) {
      return (error as { errno: number }).errno;
    }
    return 0;
  };
  expect(errnoOf('no-such-program')).toBe(ENOENT);
  expect(errnoOf('')).toBe(ENOENT);
  expect(errnoOf('/etc/passwd')).toBe(EACCES);
  expect(errnoOf('/etc')).toBe(EACCES);
});

test("the status is the program's, and 128 and the number of the signal that ended it", async () => {
  expect(await startProcess(['sh', '-c', 'exit 7'], process.env)).toBe(7);
  expect(await startProcess(['sh', '-c', 'kill -TERM $$'], process.env)).toBe(143);
});
