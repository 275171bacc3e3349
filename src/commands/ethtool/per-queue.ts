import { NetError } from '../../base/net-error.js';
import { EINVAL } from '../../base/errno.js';
import { Coalesce, coalesceWords, Ioctl, PerQueue } from '../../netlink/genl/ethtool/ioctl.js';
import type { CoalesceAttributes } from '../../netlink/genl/ethtool/messages.js';
import { channelsMessage } from '../../netlink/genl/ethtool/messages.js';
import { Request } from '../../netlink/genl/ethtool/constants.js';
import { coalesceLines, coalesceParameters } from './coalesce.js';
import type { EthtoolContext } from './context.js';
import { struct, viewOf } from './ioctl-words.js';
import { Refused } from './netlink.js';
import { readOne } from './parameters.js';
import { badArguments, type SubCommand } from './subcommand.js';

/** MAX_NUM_QUEUE */
const MASK_WORDS = 128;
const REFUSED = 242;

interface Asked {
  readonly mask: Uint32Array;
  readonly queues: readonly number[];
  readonly rest: readonly string[];
}

/** "queue_mask %x": the lowest queue in the last digit. */
function readMask(text: string): Uint32Array {
  const digits = text.replace(/^0x/i, '');
  if (!/^[0-9a-fA-F]+$/.test(digits) || digits.length > MASK_WORDS * 8) badArguments();
  const mask = new Uint32Array(MASK_WORDS);
  for (let i = 0; i * 8 < digits.length; i++) {
    const end = digits.length - i * 8;
    mask[i] = Number.parseInt(digits.slice(Math.max(0, end - 8), end), 16);
  }
  return mask;
}

const queuesOf = (mask: Uint32Array): number[] =>
  Array.from({ length: MASK_WORDS * 32 }, (_, queue) => queue).filter((queue) => (mask[queue >>> 5]! & (1 << (queue & 31))) !== 0);

/** All queues that there are: as many as the larger of both ways has. Linux ethtool: find_max_num_queues() */
async function allQueues(context: EthtoolContext): Promise<number> {
  const netlink = await context.netlink();
  netlink.quietAboutUnsupported = true;
  try {
    const [channels] = await netlink.get(channelsMessage, Request.CHANNELS_GET);
    const { rx = 0, tx = 0, combined = 0 } = channels?.values ?? {};
    return Math.max(rx, tx) + combined;
  } catch (error) {
    if (error instanceof Refused) return -1;
    throw error;
  }
}

function requestFor(mask: Uint32Array, subCommand: number, queues: number) {
  const request = struct(PerQueue.size + queues * Coalesce.size, Ioctl.PERQUEUE);
  request.view.setUint32(PerQueue.subCommand, subCommand, true);
  for (const [i, word] of mask.entries()) request.view.setUint32(PerQueue.mask + i * 4, word, true);
  for (let i = 0; i < queues; i++) request.view.setUint32(PerQueue.data + i * Coalesce.size, Ioctl.GCOALESCE, true);
  return request;
}

/** The answer to ETHTOOL_PERQUEUE; null: refused, and told. */
async function coalesceOf(context: EthtoolContext, { mask, queues }: Asked): Promise<Uint8Array | null> {
  const answer = await context.ioctl(requestFor(mask, Ioctl.GCOALESCE, queues.length).bytes);
  if (!(answer instanceof NetError)) return answer;
  await context.perror('Cannot get device per queue parameters', answer);
  await context.perror('Cannot get device per queue parameters', new NetError(EINVAL));
  return null;
}

async function show(context: EthtoolContext, asked: Asked): Promise<number> {
  const answer = await coalesceOf(context, asked);
  if (answer === null) return REFUSED;
  const view = viewOf(answer);
  for (const [i, queue] of asked.queues.entries()) {
    const values: Record<string, number> = {};
    for (const [at, key] of coalesceWords.entries()) values[key] = view.getUint32(PerQueue.data + i * Coalesce.size + 4 + at * 4, true);
    context.print(`Queue: ${queue}\n${coalesceLines(values as CoalesceAttributes)}`);
  }
  return 0;
}

async function change(context: EthtoolContext, asked: Asked): Promise<number> {
  const answer = await coalesceOf(context, asked);
  if (answer === null) return REFUSED;
  const wanted = readOne('-C', asked.rest.slice(1), coalesceParameters);
  const request = requestFor(asked.mask, Ioctl.SCOALESCE, asked.queues.length);
  request.bytes.set(answer.subarray(PerQueue.data), PerQueue.data);
  for (let i = 0; i < asked.queues.length; i++) {
    const at = PerQueue.data + i * Coalesce.size;
    request.view.setUint32(at, Ioctl.SCOALESCE, true);
    for (const [word, key] of coalesceWords.entries()) {
      const value = wanted[key];
      if (typeof value === 'number') request.view.setUint32(at + 4 + word * 4, value, true);
    }
  }
  const result = await context.ioctl(request.bytes);
  if (!(result instanceof NetError)) return 0;
  await context.perror('Cannot set device per queue parameters', result);
  return REFUSED;
}

/** -Q: coalescing of single queues. Linux ethtool: do_perqueue() */
export const perQueue: SubCommand = {
  options: ['-Q', '--per-queue'],
  summary: 'Apply per-queue command. \nThe supported sub commands include --show-coalesce, --coalesce',
  parameters: '             [queue_mask %x] SUB_COMMAND\n',
  joined: true,
  async ioctl(context) {
    const { words } = context;
    if (words.length === 0) badArguments();
    let asked: Asked;
    if (words[0] === 'queue_mask') {
      const mask = readMask(words[1] ?? badArguments());
      asked = { mask, queues: queuesOf(mask), rest: words.slice(2) };
    } else {
      const count = await allQueues(context);
      if (count < 0) {
        await context.complain('Cannot get number of queues: Operation not supported');
        return REFUSED;
      }
      const mask = new Uint32Array(MASK_WORDS);
      for (let queue = 0; queue < count; queue++) mask[queue >>> 5]! |= 1 << (queue & 31);
      context.print(`The sub commands will be applied to all ${count} queues\n`);
      asked = { mask, queues: queuesOf(mask), rest: words };
    }
    const [subCommand] = asked.rest;
    if (subCommand === '--show-coalesce' || subCommand === '-c') return show(context, asked);
    if (subCommand === '--coalesce' || subCommand === '-C') return change(context, asked);
    if (subCommand?.startsWith('-') === false) return badArguments();
    if (subCommand !== undefined) await context.complain('The subcommand is not supported yet');
    return subCommand === undefined ? badArguments() : REFUSED;
  },
};
