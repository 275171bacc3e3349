import { NetError } from '../../base/net-error.js';
import { usersOf } from '../../base/kernel-modules.js';
import { withModules } from '../kmod/run.js';

/** `rmmod`: takes modules out. */
export const command = withModules('rmmod', async (argv, io, modules) => {
  const wanted = argv.filter((word) => !word.startsWith('-'));
  if (wanted.length === 0) {
    await io.stderr.write('rmmod: ERROR: missing module name.\n');
    return 1;
  }
  let status = 0;
  for (const written of wanted) {
    const name = written.replaceAll('-', '_');
    const users = usersOf(name, modules.names);
    let why = '';
    if (!modules.names.has(name)) why = `Module ${written} is not currently loaded`;
    else if (users.length > 0) why = `Module ${written} is in use by: ${users.join(' ')}`;
    else {
      try {
        await modules.unload(name);
      } catch (error) {
        if (!(error instanceof NetError)) throw error;
        why = `Module ${written} is in use`;
      }
    }
    if (why === '') continue;
    await io.stderr.write(`rmmod: ERROR: ${why}\n`);
    status = 1;
  }
  return status;
});
