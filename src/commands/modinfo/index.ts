import { findModule, isBuiltIn, KERNEL_RELEASE, MODULE_FOLDER } from '../../base/kernel-modules.js';
import type { Command } from '../../client/command.js';

const line = (field: string, value: string): string => `${`${field}:`.padEnd(16)}${value}\n`;

/** `modinfo`: what is known of modules. */
export const command: Command = async (argv, io) => {
  let field: string | null = null;
  const names: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]!;
    if (word === '-F' || word === '--field') field = argv[++at] ?? '';
    else if (word === '-n' || word === '--filename') field = 'filename';
    else names.push(word);
  }
  if (names.length === 0) {
    await io.stderr.write('modinfo: ERROR: missing module or filename.\n');
    return 1;
  }
  let status = 0;
  for (const name of names) {
    const module = findModule(name);
    if (module === undefined) {
      if (isBuiltIn(name)) await io.stdout.write(line('name', name) + line('filename', '(builtin)'));
      else {
        await io.stderr.write(`modinfo: ERROR: Module ${name} not found.\n`);
        status = 1;
      }
      continue;
    }
    const fields: readonly (readonly [string, string])[] = [
      ['filename', `${MODULE_FOLDER}/${module.path}`],
      ['license', 'GPL'],
      ['depends', module.needs.join(',')],
      ['retpoline', 'Y'],
      ['intree', 'Y'],
      ['name', module.name],
      ['vermagic', `${KERNEL_RELEASE} SMP preempt mod_unload modversions `],
    ];
    for (const [key, value] of fields) {
      if (field === null) await io.stdout.write(line(key, value));
      else if (key === field) await io.stdout.write(`${value}\n`);
    }
  }
  return status;
};
