import { findModule, usersOf } from '../../base/kernel-modules.js';
import { withModules } from '../kmod/run.js';

/** `lsmod`: the modules that are loaded, the last first. */
export const command = withModules('lsmod', async (argv, io, { names, references }) => {
  if (argv.length > 0) {
    await io.stderr.write('Usage: lsmod\n');
    return 1;
  }
  let text = 'Module                  Size  Used by\n';
  for (const name of [...names].reverse()) {
    const users = usersOf(name, names);
    const holders = users.length === 0 ? '' : ` ${users.join(',')}`;
    text += `${name.padEnd(19)} ${String(findModule(name)?.size ?? 0).padStart(8)}  ${references.get(name) ?? users.length}${holders}\n`;
  }
  await io.stdout.write(text);
  return 0;
});
