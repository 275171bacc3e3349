import { NetError } from '../../base/net-error.js';
import { StringSet } from '../../netlink/genl/ethtool/constants.js';
import { Ioctl, Rxfh, RxNfc } from '../../netlink/genl/ethtool/ioctl.js';
import { CommandFailure } from '../shared/failure.js';
import type { EthtoolContext } from './context.js';
import { integer, struct, viewOf } from './ioctl-words.js';
import { stringSet } from './string-sets.js';
import { badArguments, type SubCommand } from './subcommand.js';

/** ETH_RXFH_INDIR_NO_CHANGE */
const NO_CHANGE = 0xffff_ffff;
/** ETH_RXFH_CONTEXT_ALLOC */
const NEW_CONTEXT = 0xffff_ffff;

interface Sizes {
  readonly rings: number;
  readonly entries: number;
  readonly keyBytes: number;
}

/** How many rings there are and how large table and key are; a number: the exit status of what failed. */
async function sizesOf(context: EthtoolContext, rssContext: number, failure: string): Promise<Sizes | number> {
  const rings = await context.ioctl(struct(RxNfc.size, Ioctl.GRXRINGS).bytes);
  if (rings instanceof NetError) {
    await context.perror('Cannot get RX ring count', rings);
    return 1;
  }
  const request = struct(Rxfh.size, Ioctl.GRSSH);
  request.view.setUint32(Rxfh.context, rssContext, true);
  const head = await context.ioctl(request.bytes);
  if (head instanceof NetError) {
    await context.perror(failure, head);
    return 1;
  }
  const view = viewOf(head);
  return {
    rings: Number(viewOf(rings).getBigUint64(RxNfc.data, true)),
    entries: view.getUint32(Rxfh.entries, true),
    keyBytes: view.getUint32(Rxfh.keyBytes, true),
  };
}

/** Linux ethtool: print_indir_table() */
function tableText(device: string, rings: number, view: DataView, entries: number): string {
  let text = `RX flow hash indirection table for ${device} with ${rings} RX ring(s):\n`;
  if (entries === 0) text += 'Operation not supported\n';
  for (let i = 0; i < entries; i++) {
    if (i % 8 === 0) text += `${String(i).padStart(5)}: `;
    text += ` ${String(view.getUint32(Rxfh.data + i * 4, true)).padStart(5)}`;
    if (i % 8 === 7 || i === entries - 1) text += '\n';
  }
  return text;
}

const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');

/** -x */
export const showRss: SubCommand = {
  options: ['-x', '--show-rxfh-indir', '--show-rxfh'],
  summary: 'Show Rx flow hash indirection table and/or RSS hash key',
  parameters: '\t\t[ context %d ]\n',
  // Linux ethtool: do_grxfh()
  async ioctl(context) {
    const [word, number, more] = context.words;
    if (word !== undefined && (word !== 'context' || number === undefined || more !== undefined)) badArguments();
    const rssContext = number === undefined ? 0 : integer(number);
    const sizes = await sizesOf(context, rssContext, 'Cannot get RX flow hash indir size and/or key size');
    if (typeof sizes === 'number') return sizes;
    const { rings, entries, keyBytes } = sizes;
    const request = struct(Rxfh.size + entries * 4 + keyBytes, Ioctl.GRSSH);
    request.view.setUint32(Rxfh.context, rssContext, true);
    request.view.setUint32(Rxfh.entries, entries, true);
    request.view.setUint32(Rxfh.keyBytes, keyBytes, true);
    const answer = await context.ioctl(request.bytes);
    if (answer instanceof NetError) {
      await context.perror('Cannot get RX flow hash configuration', answer);
      return 1;
    }
    context.print(tableText(context.device, rings, viewOf(answer), entries));
    const key = answer.subarray(Rxfh.data + entries * 4, Rxfh.data + entries * 4 + keyBytes);
    context.print(`RSS hash key:\n${keyBytes === 0 ? 'Operation not supported' : hex(key)}\n`);
    const hashFunction = answer[Rxfh.hashFunction]!;
    context.print('RSS hash function:\n');
    if (hashFunction === 0) {
      context.print('    Operation not supported\n');
      return 0;
    }
    const names = await stringSet(context, StringSet.RSS_HASH_FUNCS);
    if (names instanceof NetError) {
      await context.perror('Cannot get hash functions names', names);
      return 1;
    }
    for (const [i, name] of names.entries()) context.print(`    ${name}: ${(hashFunction & (1 << i)) === 0 ? 'off' : 'on'}\n`);
    return 0;
  },
};

interface Wish {
  equal: number;
  start: number;
  weights: number[] | null;
  useDefault: boolean;
  key: string | null;
  hashFunction: string | null;
  context: number;
  delete: boolean;
}

function readWish(words: readonly string[]): Wish {
  const wish: Wish = { equal: 0, start: 0, weights: null, useDefault: false, key: null, hashFunction: null, context: 0, delete: false };
  for (let at = 0; at < words.length; at++) {
    const word = words[at];
    const next = () => words[++at] ?? badArguments();
    if (word === 'equal') {
      wish.equal = integer(next());
      if (wish.equal < 1) badArguments();
    } else if (word === 'start') wish.start = integer(next());
    else if (word === 'weight') {
      wish.weights = [];
      while (/^[0-9]/.test(words[at + 1] ?? '')) wish.weights.push(integer(next()));
      if (wish.weights.length === 0) badArguments();
    } else if (word === 'hkey') wish.key = next();
    else if (word === 'default') wish.useDefault = true;
    else if (word === 'hfunc') wish.hashFunction = next();
    else if (word === 'context') {
      const value = next();
      wish.context = value === 'new' ? NEW_CONTEXT : integer(value);
    } else if (word === 'delete') wish.delete = true;
    else badArguments();
  }
  if ([wish.equal > 0, wish.weights !== null, wish.useDefault].filter(Boolean).length > 1) badArguments();
  if (wish.equal === 0 && wish.weights === null && !wish.useDefault && wish.key === null && wish.hashFunction === null && !wish.delete)
    badArguments();
  return wish;
}

const leave = (text: string): never => {
  throw new CommandFailure(1, text);
};

/** The table that is wished for, written; entries that the request names. Linux ethtool: fill_indir_table() */
function fillTable({ equal, start, weights, useDefault }: Wish, entries: number): Uint32Array | null {
  if (equal > 0) return Uint32Array.from({ length: entries }, (_, i) => start + (i % equal));
  if (weights === null) return useDefault ? new Uint32Array(0) : null;
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (sum === 0) leave('At least one weight must be non-zero\n');
  if (sum > entries) leave('Total weight exceeds the size of the indirection table\n');
  const table = new Uint32Array(entries);
  let queue = -1;
  let partial = 0;
  for (let i = 0; i < entries; i++) {
    while (i >= Math.floor((entries * partial) / sum)) partial += weights[++queue]!;
    table[i] = start + queue;
  }
  return table;
}

function parseKey(text: string, bytes: number): Uint8Array {
  if (bytes === 0) leave('Cannot set RX flow hash configuration:\n Hash key setting not supported\n');
  const parts = text.split(':');
  if (parts.some((part) => !/^[0-9a-fA-F]{1,2}$/.test(part))) leave(`Invalid RSS hash key format\n`);
  if (parts.length > bytes) leave(`Key is too long for device (${parts.length} > ${bytes})\n`);
  if (parts.length < bytes) leave(`Key is too short for device (${parts.length} < ${bytes})\n`);
  return Uint8Array.from(parts, (part) => Number.parseInt(part, 16));
}

/** -X */
export const setRss: SubCommand = {
  options: ['-X', '--set-rxfh-indir', '--rxfh'],
  summary: 'Set Rx flow hash indirection table and/or RSS hash key',
  parameters: `\t\t[ context %d|new ]
\t\t[ equal N | weight W0 W1 ... | default ]
\t\t[ hkey %x:%x:%x:%x:%x:.... ]
\t\t[ hfunc FUNC ]
\t\t[ delete ]
`,
  // Linux ethtool: do_srxfh()
  async ioctl(context) {
    if (context.words.length === 0) badArguments();
    const wish = readWish(context.words);
    const sizes = await sizesOf(context, 0, 'Cannot get RX flow hash indir size and key size');
    if (typeof sizes === 'number') return sizes;
    const key = wish.key === null ? null : parseKey(wish.key, sizes.keyBytes);
    let hashFunction = 0;
    if (wish.hashFunction !== null) {
      const names = await stringSet(context, StringSet.RSS_HASH_FUNCS);
      const index = names instanceof NetError ? -1 : names.indexOf(wish.hashFunction);
      if (index < 0) leave(`Unknown hash function: ${wish.hashFunction}\n`);
      hashFunction = 1 << index;
    }
    const table = wish.delete ? new Uint32Array(0) : fillTable(wish, sizes.entries);
    const entries = table?.length ?? 0;
    const request = struct(Rxfh.size + entries * 4 + (key?.length ?? 0), Ioctl.SRSSH);
    request.view.setUint32(Rxfh.context, wish.context, true);
    request.view.setUint32(Rxfh.entries, table === null ? NO_CHANGE : entries, true);
    request.view.setUint32(Rxfh.keyBytes, key?.length ?? 0, true);
    request.bytes[Rxfh.hashFunction] = hashFunction;
    for (let i = 0; i < entries; i++) request.view.setUint32(Rxfh.data + i * 4, table![i]!, true);
    if (key !== null) request.bytes.set(key, Rxfh.data + entries * 4);
    const answer = await context.ioctl(request.bytes);
    if (answer instanceof NetError) {
      await context.perror('Cannot set RX flow hash configuration', answer);
      return 1;
    }
    if (wish.context === NEW_CONTEXT) context.print(`New RSS context is ${viewOf(answer).getUint32(Rxfh.context, true)}\n`);
    return 0;
  },
};
