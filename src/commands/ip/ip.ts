import { NetError } from '../../base/net-error.js';
import type { Command, CommandIo } from '../../client/command.js';
import { abbreviates, type Cursor } from '../shared/cursor.js';
import { CommandFailure, failure, fatal } from '../shared/failure.js';
import { IpContext } from './context.js';
import { runObject } from './object.js';
import { parseOptions } from './options.js';
import { objects } from './registry.js';
import { IP_USAGE } from './usage.js';
import { VERSION_TEXT } from './version.js';

/** `ip`: show and change devices, addresses, routes, neighbours and network namespaces, as iproute2's does. */
export const ip: Command = async (argv, io, env) => {
  let context: IpContext | null = null;
  try {
    const { options, cursor } = parseOptions(argv);
    if (options.version) {
      await io.stdout.write(`${VERSION_TEXT}\n`);
      return 0;
    }
    context = new IpContext(io, env, options);
    await context.prepare();
    if (options.batch !== undefined) return await (await import('./batch.js')).runBatch(context, options.batch, runCommand);
    if (cursor.done) throw fatal(IP_USAGE);
    return await runCommand(context, cursor);
  } catch (error) {
    return await report(error, io, context);
  } finally {
    await context?.flush();
    await context?.close();
  }
};

/** `OBJECT VERB ...`: one command line, or one line of a batch. */
function runCommand(context: IpContext, cursor: Cursor): number | Promise<number> {
  const word = cursor.next();
  const object = objects.find(({ name }) => abbreviates(word, name));
  // Behind mptcp and ioam in iproute2's list: no other object begins with h.
  if (object === undefined && abbreviates(word, 'help')) throw fatal(IP_USAGE);
  if (object === undefined) throw failure(`Object "${word}" is unknown, try "ip help".`);
  const loaded = object.load();
  return loaded instanceof Promise ? loaded.then((part) => runObject(part, context, cursor)) : runObject(loaded, context, cursor);
}

/** Says why a command ended, and gives its exit status. */
async function report(error: unknown, io: CommandIo, context: IpContext | null): Promise<number> {
  await context?.flush();
  if (error instanceof CommandFailure) {
    if (error.text !== '') await io.stderr.write(error.text);
    return error.status;
  }
  if (!(error instanceof NetError)) throw error;
  if (io.signal.aborted) return 130;
  await io.stderr.write(`${error.message}\n`);
  return 1;
}
