import { moduleAliases, moduleSoftNeeds } from '../../base/kernel-module-table.js';
import {
  findModule,
  isBuiltIn,
  KERNEL_RELEASE,
  type KernelModule,
  missingFor,
  MODULE_FOLDER,
  usersOf,
  withNeeds,
} from '../../base/kernel-modules.js';
import { NetError } from '../../base/net-error.js';
import type { CommandIo } from '../../client/command.js';
import { CommandFailure } from '../shared/failure.js';
import { readOptions } from '../shared/getopt.js';
import type { LoadedModules } from '../kmod/modules.js';
import { KMOD_VERSION, withModules } from '../kmod/run.js';
import { MODPROBE_USAGE, modprobeOptions, modprobeWords, type ModprobeWords } from './options.js';

const fatal = (text: string) => new CommandFailure(1, `modprobe: FATAL: ${text}\n`);

/** `modprobe`: loads modules with what they need, or takes them out. */
export const command = withModules('modprobe', async (argv, io, modules) => {
  const words = modprobeWords();
  const operands = readOptions(modprobeOptions, argv, words, (text) => {
    throw new CommandFailure(1, `modprobe: ${text}\n`);
  });
  if (words.version || words.help) {
    await io.stdout.write(words.version ? KMOD_VERSION : MODPROBE_USAGE);
    return 0;
  }
  if (words.config) {
    for (const [alias, name] of Object.entries(moduleAliases)) await io.stdout.write(`alias ${alias.replaceAll('-', '_')} ${name}\n`);
    return 0;
  }
  const [first, ...parameters] = operands;
  if (first === undefined) throw new CommandFailure(1, 'modprobe: ERROR: missing parameters. See -h.\n');
  // What stands behind one name are its parameters.
  const many = words.all || words.remove;
  let status = 0;
  for (const name of many ? operands : [first]) {
    if (words.remove) await remove(name, words, io, modules);
    else if (!(await insert(name, many ? '' : parameters.join(' '), words, io, modules))) status = 1;
  }
  return status;
});

/** The module of that name, which may be of another kernel that there is nothing of; undefined: there is none, and of many that was told only. */
async function known(name: string, words: ModprobeWords, io: CommandIo): Promise<KernelModule | undefined> {
  const elsewhere = words.root !== null || (words.release ?? KERNEL_RELEASE) !== KERNEL_RELEASE;
  const module = elsewhere ? undefined : findModule(name);
  if (module !== undefined) return module;
  const folder = elsewhere ? `${words.root ?? ''}/lib/modules/${words.release ?? KERNEL_RELEASE}` : MODULE_FOLDER;
  const text = `Module ${name} not found in directory ${folder}`;
  if (words.quiet) return undefined;
  if (!words.all) throw fatal(text);
  await io.stderr.write(`modprobe: WARNING: ${text}\n`);
  return undefined;
}

/** False: there is no such module. */
async function insert(name: string, parameters: string, words: ModprobeWords, io: CommandIo, modules: LoadedModules): Promise<boolean> {
  if (isBuiltIn(name)) {
    if (words.depends) await io.stdout.write(`builtin ${name}\n`);
    return true;
  }
  const module = await known(name, words, io);
  if (module === undefined) return false;
  if (words.resolve) {
    await io.stdout.write(`${module.name}\n`);
    return true;
  }
  if (words.depends) {
    const paths = withNeeds(module).flatMap((one) => [...(moduleSoftNeeds[one.name] ?? []), one.path]);
    for (const path of paths) await io.stdout.write(insertion(path, path === module.path ? parameters : ''));
    return true;
  }
  const missing = missingFor(module, modules.names);
  if (missing.length === 0) {
    if (words.firstTime) throw new CommandFailure(1, `modprobe: ERROR: could not insert '${name}': Module already in kernel\n`);
    return true;
  }
  if (words.verbose) for (const { path } of missing) await io.stdout.write(insertion(path, path === module.path ? parameters : ''));
  if (!words.dryRun) await modules.load(module.name, parameters);
  return true;
}

const insertion = (path: string, parameters: string): string => `insmod ${MODULE_FOLDER}/${path} ${parameters}\n`;

async function remove(name: string, words: ModprobeWords, io: CommandIo, modules: LoadedModules): Promise<void> {
  if (isBuiltIn(name)) throw fatal(`Module ${name} is builtin.`);
  const module = findModule(name);
  if (module === undefined) {
    if (words.quiet) throw new CommandFailure(1, '');
    throw fatal(`Module ${name} not found.`);
  }
  if (!modules.names.has(module.name)) {
    if (words.firstTime) throw fatal(`Module ${name} is not in kernel.`);
    return;
  }
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
