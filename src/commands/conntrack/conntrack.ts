import { EEXIST, ENOENT, strerror } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import type { Command, CommandEnvironment, CommandIo } from '../../client/command.js';
import { NetlinkClient } from '../../client/netlink-client.js';
import { NETLINK_NETFILTER } from '../../netlink/constants.js';
import { CommandFailure } from '../shared/failure.js';
import { PROGRAM, problem } from './fatal.js';
import { resolveLabels } from './labels.js';
import { readCommands } from './load-file.js';
import { parseWords } from './parse.js';
import { CONNTRACK_USAGE } from './usage.js';
import { verbs } from './verbs.js';
import type { ConntrackWords } from './words.js';

/** `conntrack`: lists, changes and watches connections. */
export const conntrack: Command = async (argv, io, env) => {
  /** The command's letter, for what its failure means. */
  let command = '';
  try {
    const [first, file] = argv;
    if ((first === '-R' || first === '--load-file') && file !== undefined) {
      for (const words of await readCommands(file, io)) {
        command = words.command;
        await run(words, io, env);
      }
      return 0;
    }
    const words = parseWords(argv);
    command = words.command;
    if (words.command === '' || words.command === 'h') {
      await io.stdout.write(CONNTRACK_USAGE);
      return 0;
    }
    if (words.command === 'V') {
      await io.stdout.write(`${PROGRAM}\n`);
      return 0;
    }
    return await run(words, io, env);
  } catch (error) {
    if (error instanceof CommandFailure) {
      await io.stderr.write(error.text);
      return error.status;
    }
    if (!(error instanceof NetError)) throw error;
    if (io.signal.aborted) return 130;
    await io.stderr.write(problem(`Operation failed: ${explain(command, error)}`).text);
    return 1;
  }
};

/** Linux's errors as the tool says them (err2str()). */
function explain(command: string, error: NetError): string {
  if (error.errno === ENOENT && command !== 'L') return "such conntrack doesn't exist";
  if (error.errno === EEXIST) return 'Such conntrack exists, try -U to update';
  return strerror(error.errno);
}

async function run(wanted: ConntrackWords, io: CommandIo, env: CommandEnvironment): Promise<number> {
  await resolveLabels(wanted, io);
  const client = await NetlinkClient.open(await env.transport(), {
    protocol: NETLINK_NETFILTER,
    strict: false,
    signal: io.signal,
    ...(wanted.bufferSize === undefined ? {} : { receiveBuffer: wanted.bufferSize }),
  });
  try {
    return await verbs[wanted.command]!(client, wanted, io);
  } finally {
    client.close();
  }
}
