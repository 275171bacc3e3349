import { moduleAliases, moduleParameterTexts } from '../../base/kernel-module-table.js';
import { findModule, isBuiltIn, KERNEL_RELEASE, type KernelModule, MODULE_FOLDER } from '../../base/kernel-modules.js';
import type { Command } from '../../client/command.js';
import { KMOD_VERSION } from '../kmod/run.js';
import { readOptions } from '../shared/getopt.js';
import { CommandFailure } from '../shared/failure.js';
import { MODINFO_USAGE, modinfoOptions, modinfoWords } from './options.js';

/** The fields of a module, in their order. */
const fieldsOf = ({ name, path, needs }: KernelModule): readonly (readonly [string, string])[] => [
  ['filename', `${MODULE_FOLDER}/${path}`],
  ['license', 'GPL'],
  ...Object.entries(moduleAliases).flatMap(([alias, of]) => (of === name ? ([['alias', alias]] as const) : [])),
  ['depends', needs.join(',')],
  ['retpoline', 'Y'],
  ['intree', 'Y'],
  ['name', name],
  ['vermagic', `${KERNEL_RELEASE} SMP preempt mod_unload modversions `],
  ...(moduleParameterTexts[name] ?? []).map(([parameter, text]) => ['parm', `${parameter}:${text}`] as const),
];

/** `modinfo`: what is known of modules. */
export const command: Command = async (argv, io) => {
  const words = modinfoWords();
  let names: readonly string[];
  try {
    names = readOptions(modinfoOptions, argv, words, (text) => {
      throw new CommandFailure(1, `modinfo: ${text}\n`);
    });
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    await io.stderr.write(error.text);
    return error.status;
  }
  if (words.version || words.help) {
    await io.stdout.write(words.version ? KMOD_VERSION : MODINFO_USAGE);
    return 0;
  }
  if (names.length === 0) {
    await io.stderr.write('modinfo: ERROR: missing module or filename.\n');
    return 1;
  }
  const line = (field: string, value: string): string =>
    words.field === null ? `${`${field}:`.padEnd(16)}${value}${words.end}` : field === words.field ? `${value}${words.end}` : '';
  let status = 0;
  for (const name of names) {
    const module = findModule(name);
    if (module !== undefined)
      await io.stdout.write(
        fieldsOf(module)
          .map(([field, value]) => line(field, value))
          .join(''),
      );
    else if (isBuiltIn(name)) await io.stdout.write(line('name', name) + line('filename', '(builtin)'));
    else {
      await io.stderr.write(`modinfo: ERROR: Module ${name} not found.\n`);
      status = 1;
    }
  }
  return status;
};
