import { NetError } from '../../base/net-error.js';
import { usersOf } from '../../base/kernel-modules.js';
import { KMOD_VERSION, withModules } from '../kmod/run.js';
import { CommandFailure } from '../shared/failure.js';
import { type LetterOption, readOptions } from '../shared/getopt.js';

const USAGE = `Usage:
	rmmod [options] modulename ...
Options:
	-f, --force       forces a module unload and may crash your
	                  machine. This requires Forced Module Removal
	                  option in your kernel. DANGEROUS
	-s, --syslog      print to syslog, not stderr
	-v, --verbose     enables more messages
	-V, --version     show version
	-h, --help        show this help
`;

/** `rmmod`: takes modules out. */
export const command = withModules('rmmod', async (argv, io, modules) => {
  let asked = '';
  const shown = (text: string) => () => {
    asked ||= text;
  };
  const options: readonly LetterOption<null>[] = [
    { letter: 'f', long: ['force'], text: ['nothing: what is in use stays'], take: () => undefined },
    { letter: 's', long: ['syslog'], text: ['nothing: there is no system log'], take: () => undefined },
    { letter: 'v', long: ['verbose'], text: ['nothing more is told'], take: () => undefined },
    { letter: 'V', long: ['version'], text: ['print the version'], take: shown(KMOD_VERSION) },
    { letter: 'h', long: ['help'], text: ['print the options'], take: shown(USAGE) },
  ];
  const wanted = readOptions(options, argv, null, (text) => {
    throw new CommandFailure(1, `rmmod: ${text}\n`);
  });
  if (asked !== '') {
    await io.stdout.write(asked);
    return 0;
  }
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
