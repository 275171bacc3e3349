import { NetError } from '../../base/net-error.js';
import { type Command, type CommandEnvironment, type CommandIo, readAll } from '../../client/command.js';
import { CommandFailure } from '../shared/failure.js';
import { checkWords } from './check.js';
import { explain, IpvsClient } from './ipvs-client.js';
import { parseWords } from './parse.js';
import { Resolver } from './resolve.js';
import { splitLine } from './restore.js';
import { IPVSADM_USAGE, IPVSADM_VERSION, TRY_HELP } from './usage.js';
import { verbs } from './verbs.js';
import type { IpvsadmWords } from './words.js';

/** What all command lines of one run share. */
export interface IpvsadmContext {
  readonly io: CommandIo;
  readonly env: CommandEnvironment;
  readonly resolver: Resolver;
  readonly client: IpvsClient;
}

/** `ipvsadm`: administers virtual services. */
export const ipvsadm: Command = async (argv, io, env) => {
  const resolver = await Resolver.read(io, env);
  let client: IpvsClient | null = null;
  try {
    const words = argv.length === 0 ? parseWords(['-L'], resolver) : parseWords(argv, resolver);
    if (words.command === 'version') {
      await io.stdout.write(`${IPVSADM_VERSION}\n`);
      return 0;
    }
    if (words.command === 'help') {
      await io.stdout.write(`${IPVSADM_VERSION}\n${IPVSADM_USAGE}`);
      return 0;
    }
    checkWords(words);
    client = await IpvsClient.open(io, env);
    const context = { io, env, resolver, client };
    return words.command === 'restore' ? await restore(context) : await run(context, words);
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    await io.stderr.write(error.text);
    return error.status;
  } finally {
    client?.close();
  }
};

/** Does what checked words say; the exit status. */
async function run(context: IpvsadmContext, words: IpvsadmWords): Promise<number> {
  try {
    await verbs[words.command]!(context, words);
    return 0;
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
    if (context.io.signal.aborted) return 130;
    await context.io.stderr.write(`${explain(words.command, error)}\n`);
    return words.command === 'list' ? 1 : 255;
  }
}

/**
 * Command lines from standard input, one by one: what the kernel refuses is told of, what is no command line ends it. The last one's
 * status is that of all.
 */
async function restore(context: IpvsadmContext): Promise<number> {
  const lines = (await readAll(context.io.stdin)).split('\n');
  if (lines.at(-1) === '') lines.pop();
  let status = 0;
  for (const line of lines) {
    const words = parseWords(splitLine(line), context.resolver);
    checkWords(words);
    if (words.command === 'restore') throw new CommandFailure(255, TRY_HELP);
    status = await run(context, words);
  }
  return status;
}
