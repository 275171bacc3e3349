import { findModule, isBuiltIn, missingFor, MODULE_FOLDER, usersOf } from '../../base/kernel-modules.js';
import { NetError } from '../../base/net-error.js';
import type { CommandIo } from '../../client/command.js';
import { CommandFailure } from '../shared/failure.js';
import { readOptions } from '../shared/getopt.js';
import type { LoadedModules } from '../kmod/modules.js';
import { KMOD_VERSION, withModules } from '../kmod/run.js';
import { modprobeOptions, modprobeWords, type ModprobeWords } from './options.js';

const fatal = (text: string) => new CommandFailure(1, `modprobe: FATAL: ${text}\n`);

/** `modprobe`: loads modules with what they need, or takes them out. */
export const command = withModules('modprobe', async (argv, io, modules) => {
  const words = modprobeWords();
  const operands = readOptions(modprobeOptions, argv, words, (text) => {
    throw new CommandFailure(1, `modprobe: ${text}\n`);
  });
  if (words.version) {
    await io.stdout.write(KMOD_VERSION);
    return 0;
  }
  const [first] = operands;
  if (first === undefined) throw new CommandFailure(1, 'modprobe: ERROR: missing parameters. See -h.\n');
  // What stands behind one name are its parameters, which nothing looks at.
  const names = words.all || words.remove ? operands : [first];
  let status = 0;
  for (const name of names) {
    if (words.remove) await remove(name, words, io, modules);
    else if (!(await insert(name, words, io, modules))) status = 1;
  }
  return status;
});

/** False: there is no such module, and of many that was told only. */
async function insert(name: string, words: ModprobeWords, io: CommandIo, modules: LoadedModules): Promise<boolean> {
  if (isBuiltIn(name)) return true;
  const module = findModule(name);
  if (module === undefined) {
    const text = `Module ${name} not found in directory ${MODULE_FOLDER}`;
    if (words.quiet) return false;
    if (!words.all) throw fatal(text);
    await io.stderr.write(`modprobe: WARNING: ${text}\n`);
    return false;
  }
  for (const { path } of missingFor(module, modules.names)) if (words.verbose) await io.stdout.write(`insmod ${MODULE_FOLDER}/${path} \n`);
  if (!words.dryRun && !modules.names.has(module.name)) await modules.load(module.name);
  return true;
}

async function remove(name: string, words: ModprobeWords, io: CommandIo, modules: LoadedModules): Promise<void> {
  if (isBuiltIn(name)) throw fatal(`Module ${name} is builtin.`);
  const module = findModule(name);
  if (module === undefined) {
    if (words.quiet) throw new CommandFailure(1, '');
    throw fatal(`Module ${name} not found.`);
  }
  if (!modules.names.has(module.name)) return;
  if (usersOf(module.name, modules.names).length > 0) throw fatal(`Module ${name} is in use.`);
  if (words.verbose) await io.stdout.write(`rmmod ${module.name}\n`);
  if (words.dryRun) return;
  try {
    await modules.unload(module.name);
  } catch (error) {
    if (error instanceof NetError) throw fatal(`Module ${name} is in use.`);
    throw error;
  }
  // What nobody needs any more goes as well.
  for (const need of module.needs)
    if (modules.names.has(need) && usersOf(need, modules.names).length === 0) await remove(need, words, io, modules);
}
