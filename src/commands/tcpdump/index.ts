import { strerror } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import { dumpProgram } from '../../bpf/disassemble.js';
import type { Command, CommandIo } from '../../client/command.js';
import { CommandFailure } from '../shared/failure.js';
import { CaptureError } from './capture/reader.js';
import { readSecrets } from './esp-secrets.js';
import { compileFilter, FilterError, hasNames } from './filter/compile.js';
import { readFilterNames } from './filter/names.js';
import { DLT_EN10MB } from './link-types.js';
import { die, MAXIMUM_SNAPSHOT, OnlyText, parseOptions, type Settings } from './options.js';
import { readSavefiles } from './savefiles.js';

/** `tcpdump-lite`: shows packets, as tcpdump 4.99 does. */
export const command: Command = async (argv, io, env) => {
  try {
    const { settings, expression } = parseOptions(argv);
    for (const module of settings.modules) await io.stderr.write(`tcpdump: ignoring option \`-m ${module}' (no libsmi support)\n`);
    if (settings.espSecret !== '') settings.associations = await readSecrets(settings.espSecret, io);
    const fromFile = settings.readFile !== '' || settings.fileList !== '';
    if (fromFile && !settings.listDevices) return await readSavefiles(settings, () => filterText(settings, expression, io), io, env);
    if (settings.dump > 0 && settings.device === '' && !settings.listDevices) return await dumpOnly(settings, expression, io);
    const { capture } = await import('./live/capture.js');
    return await capture(settings, () => filterText(settings, expression, io), io, env);
  } catch (error) {
    if (error instanceof OnlyText) {
      await io.stdout.write(error.text);
      return 0;
    }
    if (error instanceof CommandFailure) {
      await io.stderr.write(error.text);
      return error.status;
    }
    if (error instanceof CaptureError || error instanceof FilterError) {
      await io.stderr.write(`tcpdump: ${error.message}\n`);
      return 1;
    }
    if (!(error instanceof NetError)) throw error;
    await io.stderr.write(`tcpdump: ${error.message}\n`);
    return 1;
  }
};

/** Loads what is otherwise loaded where it is needed. */
export async function preload(): Promise<void> {
  await Promise.all([import('./print-packet.js'), import('./live/capture.js')]);
}

/** -d without a device: for Ethernet, or the type of -y. */
async function dumpOnly(settings: Settings, expression: readonly string[], io: CommandIo): Promise<number> {
  if (settings.linkType < 0) await io.stderr.write('Warning: assuming Ethernet\n');
  const linkType = settings.linkType < 0 ? DLT_EN10MB : settings.linkType;
  const text = await filterText(settings, expression, io);
  const snapshot = settings.snapshot === 0 ? MAXIMUM_SNAPSHOT : settings.snapshot;
  const names = hasNames(text) ? { names: await readFilterNames(io.files) } : {};
  const program = compileFilter(text, { linkType, snapshot, optimise: settings.optimise, ...names });
  await io.stdout.write(dumpProgram(program, settings.dump >= 3 ? 3 : settings.dump === 2 ? 2 : 1));
  return 0;
}

/** The filter of -F, comments taken out, or of the command line. */
async function filterText(settings: Settings, expression: readonly string[], io: CommandIo): Promise<string> {
  if (settings.filterFile === '') return expression.join(' ');
  try {
    return new TextDecoder().decode(await io.files.read(settings.filterFile)).replace(/#[^\n]*/g, (comment) => ' '.repeat(comment.length));
  } catch (error) {
    if (error instanceof NetError) throw die(`can't open ${settings.filterFile}: ${strerror(error.errno)}`);
    throw error;
  }
}
