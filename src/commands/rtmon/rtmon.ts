import { strerror } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import type { Command, CommandEnvironment, CommandIo } from '../../client/command.js';
import { DumpError, NetlinkClient } from '../../client/netlink-client.js';
import { AF_UNSPEC } from '../../netlink/constants.js';
import { align4 } from '../../netlink/constants.js';
import type { NetlinkMessage } from '../../netlink/message.js';
import { RTM_GETLINK } from '../../netlink/rtnl/constants.js';
import { linkMessage } from '../../netlink/rtnl/link/link.js';
import { CommandFailure, failure, fatal } from '../shared/failure.js';
import { timeStampMessage } from '../shared/recorded.js';
import { TAPSTACK_VERSION_TEXT } from '../shared/version.js';
import { groupsOf, parseWords, type RtmonWords } from './words.js';

const VERSION_TEXT = `rtmon utility, iproute2-6.1.0, ${TAPSTACK_VERSION_TEXT}`;

/** `rtmon`: writes what changes to a file, which `ip monitor file` shows. */
export const rtmon: Command = async (argv, io, env) => {
  try {
    const words = parseWords(argv);
    if (words.version) {
      await io.stdout.write(`${VERSION_TEXT}\n`);
      return 0;
    }
    if (words.file === undefined) throw fatal('Not enough information: argument "file" is required');
    return await record(words, words.file, io, env);
  } catch (error) {
    if (error instanceof CommandFailure) {
      await io.stderr.write(error.text);
      return error.status;
    }
    if (!(error instanceof NetError)) throw error;
    if (io.signal.aborted) return 130;
    await io.stderr.write(`${error.message}\n`);
    return 1;
  }
};

/** The devices there are, and from then on each event behind the time when it came. */
async function record(words: RtmonWords, path: string, io: CommandIo, env: CommandEnvironment): Promise<number> {
  await create(io, path);
  const append = (bytes: Uint8Array) => io.files.write(path, bytes, { append: true });
  const client = await NetlinkClient.open(await env.transport(), { signal: io.signal, strict: false });
  try {
    await client.subscribe(groupsOf(words));
    await append(timeStampMessage(io.nowUs()));
    for await (const messages of client.dumpDatagrams(linkMessage, { type: RTM_GETLINK, header: { family: AF_UNSPEC } }))
      for (const message of messages) await append(wholeOf(message));
    const lost = () => void io.stderr.write('netlink receive error No buffer space available (105)\n');
    for await (const message of client.notifications(io.signal, lost)) {
      await append(timeStampMessage(io.nowUs()));
      await append(wholeOf(message));
    }
    return 0;
  } catch (error) {
    if (error instanceof DumpError) throw failure('Dump terminated');
    throw error;
  } finally {
    client.close();
  }
}

/** The file, empty. */
async function create(io: CommandIo, path: string): Promise<void> {
  try {
    await io.files.write(path, new Uint8Array(0));
  } catch (error) {
    if (error instanceof NetError) throw fatal(`Cannot fopen: ${strerror(error.errno)}`);
    throw error;
  }
}

/** A message's bytes, and zeros up to where the next may begin. */
function wholeOf({ bytes, start, end }: NetlinkMessage): Uint8Array {
  const whole = new Uint8Array(align4(end - start));
  whole.set(bytes.subarray(start, end));
  return whole;
}
