import {
  AF_BRIDGE,
  AF_INET,
  AF_INET6,
  NLM_F_APPEND,
  NLM_F_BULK,
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLM_F_REPLACE,
} from '../../netlink/constants.js';
import type { NetlinkMessage } from '../../netlink/message.js';
import {
  NTF_EXT_LEARNED,
  NTF_MASTER,
  NTF_OFFLOADED,
  NTF_ROUTER,
  NTF_SELF,
  NTF_STICKY,
  NTF_USE,
  NUD_FAILED,
  NUD_NOARP,
  NUD_PERMANENT,
  NUD_REACHABLE,
  NUD_STALE,
  RTM_DELNEIGH,
  RTM_GETNEIGH,
  RTM_NEWNEIGH,
} from '../../netlink/rtnl/constants.js';
import { type NeighbourAttributes, neighbourMessage } from '../../netlink/rtnl/neighbour.js';
import { formatMac, parseMac } from '../../wire/mac-address.js';
import { ipv4Bytes, parseIpv4 } from '../../wire/ipv4-address.js';
import { parseIpv6 } from '../../wire/ipv6-address.js';
import type { IpContext } from '../ip/context.js';
import type { Cursor } from '../shared/cursor.js';
import { abbreviates } from '../shared/cursor.js';
import { formatAddress } from '../shared/address.js';
import { CommandFailure, duplicateArgument, duplicateOrGarbage, failure, fatal, invalidArgument } from '../shared/failure.js';
import { parseUnsigned } from '../shared/numbers.js';
import { deviceIndex } from './link.js';
import type { BridgeVerb } from './object.js';
import { FDB_USAGE } from './usage.js';

/** What `fdb show` selects by. */
interface Selection {
  /** Index that the output need not name. */
  index: number;
  master: number;
  vlan: number | undefined;
  state: number | undefined;
  dynamic: boolean;
}

const everything = (): Selection => ({ index: 0, master: 0, vlan: undefined, state: undefined, dynamic: false });

function stateName(state: number): string {
  if ((state & NUD_PERMANENT) !== 0) return 'permanent';
  if ((state & NUD_NOARP) !== 0) return 'static';
  if ((state & NUD_STALE) !== 0) return 'stale';
  if ((state & NUD_REACHABLE) !== 0) return '';
  return `state=0x${state.toString(16)}`;
}

function vlanNumber(word: string): number {
  const vlan = parseUnsigned(word, 0xffff);
  if (vlan === null) throw invalidArgument('VLAN id', word);
  return vlan;
}

function selects(selection: Selection, message: NetlinkMessage): boolean {
  const { header, attributes } = neighbourMessage.parse(message);
  if (header.family !== AF_BRIDGE || header.ifindex === 0) return false;
  if (selection.index !== 0 && header.ifindex !== selection.index) return false;
  if (selection.dynamic && (header.state & NUD_PERMANENT) !== 0) return false;
  if (selection.state !== undefined && (header.state & selection.state) === 0) return false;
  return selection.vlan === undefined || attributes.vlan === selection.vlan;
}

/** One entry and its newline. */
export function printFdb(context: IpContext, message: NetlinkMessage, withoutDevice = false): void {
  const { out, links, options } = context;
  const { header, attributes } = neighbourMessage.parse(message);
  if (message.type === RTM_DELNEIGH) out.flag('deleted', 'Deleted ');
  if (attributes.lladdr !== undefined) {
    const text = formatMac(attributes.lladdr);
    out.field('mac', text, `${text} `, 'mac');
  }
  if (!withoutDevice) {
    const name = links.nameOf(header.ifindex);
    out.text('dev ');
    out.field('ifname', name, `${name} `, 'interface');
  }
  if (attributes.dst !== undefined) {
    const dst = formatAddress(attributes.dst.length === 4 ? AF_INET : AF_INET6, attributes.dst);
    out.text('dst ');
    out.field('dst', dst, `${dst} `, attributes.dst.length === 4 ? 'inet' : 'inet6');
  }
  if (attributes.vlan !== undefined) out.field('vlan', attributes.vlan, `vlan ${attributes.vlan} `);
  if (attributes.port !== undefined) out.field('port', attributes.port, `port ${attributes.port} `);
  if (attributes.vni !== undefined) out.field('vni', attributes.vni, `vni ${attributes.vni} `);
  if (attributes.srcVni !== undefined) out.field('src_vni', attributes.srcVni, `src_vni ${attributes.srcVni} `);
  if (attributes.ifindex !== undefined) {
    const via = links.nameOf(attributes.ifindex);
    out.field('viaIf', via, `via ${via} `);
  }
  if (attributes.nhId !== undefined) out.field('nhid', attributes.nhId, `nhid ${attributes.nhId} `);
  if (options.stats > 0 && attributes.cacheinfo !== undefined) {
    const used = Math.floor(attributes.cacheinfo.used / 100);
    const updated = Math.floor(attributes.cacheinfo.updated / 100);
    out.field('used', used, `used ${used}`);
    out.field('updated', updated, `/${updated} `);
  }
  out.openArray('flags');
  for (const [flag, name] of [
    [NTF_SELF, 'self'],
    [NTF_ROUTER, 'router'],
    [NTF_EXT_LEARNED, 'extern_learn'],
    [NTF_OFFLOADED, 'offload'],
    [NTF_MASTER, 'master'],
    [NTF_STICKY, 'sticky'],
  ] as const)
    if ((header.flags & flag) !== 0) out.field(null, name, `${name} `);
  out.closeArray();
  if (attributes.master !== undefined) {
    const master = links.nameOf(attributes.master);
    out.field('master', master, `master ${master} `);
  }
  const state = stateName(header.state);
  out.field('state', state, state);
  out.text('\n');
}

async function show(context: IpContext, cursor: Cursor): Promise<number> {
  const { out, links } = context;
  const selection = everything();
  while (!cursor.done) {
    const word = cursor.next();
    if (word === 'brport' || word === 'dev') selection.index = await linkIndex(context, cursor.next());
    else if (word === 'br') {
      const name = cursor.next();
      selection.master = await links.indexOf(name);
      if (selection.master === 0) throw fatal(`Cannot find bridge device "${name}"`);
    } else if (word === 'vlan') selection.vlan = vlanNumber(cursor.next());
    else if (word === 'state') selection.state = stateMask(cursor.next());
    else if (word === 'dynamic') selection.dynamic = true;
    else if (abbreviates(word, 'help')) throw fatal(FDB_USAGE);
  }
  await links.load();
  out.openDocument();
  const request = {
    type: RTM_GETNEIGH,
    header: { family: AF_BRIDGE, ifindex: selection.index },
    attributes: selection.master === 0 ? {} : { master: selection.master },
  };
  for await (const message of context.dump(neighbourMessage, request)) {
    if (!selects(selection, message)) continue;
    out.openObject();
    printFdb(context, message, selection.index !== 0);
    out.closeObject();
  }
  out.closeDocument();
  return 0;
}

async function linkIndex(context: IpContext, name: string): Promise<number> {
  const index = await context.links.indexOf(name);
  if (index === 0) throw fatal(`Cannot find device "${name}"`);
  return index;
}

function stateMask(word: string): number {
  if (abbreviates(word, 'permanent')) return NUD_PERMANENT;
  if (abbreviates(word, 'static') || abbreviates(word, 'temp')) return NUD_NOARP;
  if (abbreviates(word, 'stale')) return NUD_STALE;
  if (abbreviates(word, 'dynamic')) return NUD_REACHABLE;
  if (abbreviates(word, 'all')) return 0xffff & ~NUD_FAILED;
  const number = parseUnsigned(word, 0xffff, 16);
  if (number === null) throw invalidArgument('bad state', word);
  return number;
}

const changes: Readonly<Record<string, number>> = {
  add: NLM_F_CREATE | NLM_F_EXCL,
  append: NLM_F_CREATE | NLM_F_APPEND,
  replace: NLM_F_CREATE | NLM_F_REPLACE,
  delete: 0,
};

const entryFlags: Readonly<Record<string, number>> = {
  self: NTF_SELF,
  master: NTF_MASTER,
  router: NTF_ROUTER,
  use: NTF_USE,
  extern_learn: NTF_EXT_LEARNED,
  sticky: NTF_STICKY,
};

const MAX_VNI = (1 << 24) - 1;

function numberOf(what: string, text: string, max: number): number {
  const number = parseUnsigned(text, max);
  if (number === null) throw invalidArgument(what === 'nhid' ? '"id" value is invalid' : `invalid ${what}`, text);
  return number;
}

function remoteAddress(text: string): Uint8Array {
  const four = parseIpv4(text);
  const address = four === null ? parseIpv6(text) : ipv4Bytes(four);
  if (address === null) throw failure(`Error: any valid address is expected rather than "${text}".`);
  return address;
}

async function modify(context: IpContext, cursor: Cursor, _options: unknown, name: string): Promise<number> {
  let device: string | undefined;
  let address: string | undefined;
  let flags = 0;
  let state = 0;
  let vlan: number | undefined;
  const remote: { -readonly [K in keyof NeighbourAttributes]: NeighbourAttributes[K] } = {};
  let via: string | undefined;
  while (!cursor.done) {
    const word = cursor.next();
    const flag = Object.entries(entryFlags).find(([key]) =>
      key === 'self' || key === 'master' || key === 'router' || key === 'use' ? abbreviates(word, key) : word === key,
    );
    if (abbreviates(word, 'dev')) device = cursor.next();
    else if (word === 'dst') {
      const text = cursor.next();
      if (remote.dst !== undefined) throw duplicateArgument('dst', text);
      remote.dst = remoteAddress(text);
    } else if (word === 'nhid') remote.nhId = numberOf('nhid', cursor.next(), 0xffffffff);
    else if (word === 'port') remote.port = numberOf('port', cursor.next(), 0xffff);
    else if (word === 'vni') remote.vni = numberOf('vni', cursor.next(), MAX_VNI);
    else if (word === 'src_vni') remote.srcVni = numberOf('src vni', cursor.next(), MAX_VNI);
    else if (word === 'via') via = cursor.next();
    else if (flag !== undefined) flags |= flag[1];
    else if (abbreviates(word, 'local') || abbreviates(word, 'permanent')) state |= NUD_PERMANENT;
    else if (abbreviates(word, 'temp') || abbreviates(word, 'static')) state |= NUD_NOARP | NUD_REACHABLE;
    else if (abbreviates(word, 'dynamic')) state |= NUD_REACHABLE;
    else if (abbreviates(word, 'vlan')) vlan = vlanNumber(cursor.next());
    else {
      const text = abbreviates(word, 'to') ? cursor.next() : word;
      if (abbreviates(text, 'help')) throw fatal(FDB_USAGE);
      if (address !== undefined) throw duplicateOrGarbage('to', text);
      address = text;
    }
  }
  if (device === undefined || address === undefined) throw fatal('Device and address are required arguments.');
  if (remote.nhId !== undefined && (remote.dst ?? remote.port ?? remote.vni) !== undefined)
    throw fatal('dst, port, vni are mutually exclusive with nhid');
  // Assume self, and that it is to stay.
  if ((flags & (NTF_SELF | NTF_MASTER)) === 0) flags |= NTF_SELF;
  if ((state & (NUD_PERMANENT | NUD_REACHABLE)) === 0) state |= NUD_PERMANENT;
  const lladdr = parseMac(address);
  if (lladdr === null) throw fatal(`Invalid mac address ${address}`);
  if (via !== undefined) {
    remote.ifindex = await context.links.indexOf(via);
    if (remote.ifindex === 0) throw fatal(`Cannot find device "${via}"`);
  }
  const ifindex = await deviceIndex(context, device);
  await context.request(neighbourMessage, {
    type: name === 'delete' ? RTM_DELNEIGH : RTM_NEWNEIGH,
    flags: changes[name] ?? 0,
    header: { family: AF_BRIDGE, ifindex, flags, state },
    attributes: { lladdr, ...(vlan === undefined ? {} : { vlan }), ...remote },
  });
  return 0;
}

async function get(context: IpContext, cursor: Cursor): Promise<number> {
  const { links, out } = context;
  let address: string | undefined;
  let device: string | undefined;
  let bridge: string | undefined;
  let vlan: number | undefined;
  let vni: number | undefined;
  let flags = 0;
  while (!cursor.done) {
    const word = cursor.next();
    if (word === 'brport' || word === 'dev') device = cursor.next();
    else if (word === 'br') bridge = cursor.next();
    else if (word === 'vlan') vlan = vlanNumber(cursor.next());
    else if (word === 'vni') vni = numberOf('vni', cursor.next(), MAX_VNI);
    else if (word === 'self') flags |= NTF_SELF;
    else if (word === 'master') flags |= NTF_MASTER;
    else if (word !== 'dynamic') {
      const text = word === 'to' ? cursor.next() : word;
      if (abbreviates(text, 'help')) throw fatal(FDB_USAGE);
      if (address !== undefined) throw duplicateOrGarbage('to', text);
      address = text;
    }
  }
  if (address === undefined || (device === undefined && bridge === undefined))
    throw fatal('Device or master and address are required arguments.');
  const lladdr = parseMac(address);
  if (lladdr === null) throw fatal(`Invalid mac address ${address}`);
  const ifindex = device === undefined ? 0 : await deviceIndex(context, device);
  const master = bridge === undefined ? 0 : await context.links.indexOf(bridge);
  if (bridge !== undefined && master === 0) throw fatal(`Cannot find bridge device "${bridge}"`);
  await links.load();
  const message = await context
    .get(neighbourMessage, {
      type: RTM_GETNEIGH,
      header: { family: AF_BRIDGE, ifindex, flags },
      attributes: {
        lladdr,
        ...(vlan === undefined ? {} : { vlan }),
        ...(vni === undefined ? {} : { vni }),
        ...(master === 0 ? {} : { master }),
      },
    })
    .catch((error: unknown) => {
      // A question that is refused ends with another status than a change that is.
      throw error instanceof CommandFailure ? new CommandFailure(254, error.text) : error;
    });
  out.openDocument();
  out.openObject();
  printFdb(context, message);
  out.closeObject();
  out.closeDocument();
  return 0;
}

/** Words of `fdb flush`: what they say of state, and which part of it. */
const flushStates: Readonly<Record<string, readonly [state: number, mask: number]>> = {
  permanent: [NUD_PERMANENT, NUD_PERMANENT],
  nopermanent: [0, NUD_PERMANENT],
  static: [NUD_NOARP, NUD_NOARP | NUD_PERMANENT],
  nostatic: [0, NUD_NOARP],
  dynamic: [0, NUD_NOARP | NUD_PERMANENT],
  nodynamic: [NUD_NOARP, NUD_NOARP],
};

/** The same of flags. */
const flushFlags: Readonly<Record<string, readonly [value: number, mask: number]>> = {
  added_by_user: [NTF_USE, NTF_USE],
  noadded_by_user: [0, NTF_USE],
  extern_learn: [NTF_EXT_LEARNED, NTF_EXT_LEARNED],
  noextern_learn: [0, NTF_EXT_LEARNED],
  sticky: [NTF_STICKY, NTF_STICKY],
  nosticky: [0, NTF_STICKY],
  offloaded: [NTF_OFFLOADED, NTF_OFFLOADED],
  nooffloaded: [0, NTF_OFFLOADED],
};

async function flush(context: IpContext, cursor: Cursor): Promise<number> {
  let device: string | undefined;
  let port: string | undefined;
  let vlan: number | undefined;
  let flags = 0;
  let state = 0;
  let stateMask = 0;
  let flagsMask = 0;
  while (!cursor.done) {
    const word = cursor.next();
    const states = flushStates[word];
    if (word === 'dev') device = cursor.next();
    else if (word === 'brport') port = cursor.next();
    else if (word === 'vlan') vlan = vlanNumber(cursor.next());
    else if (word === 'self') flags |= NTF_SELF;
    else if (word === 'master') flags |= NTF_MASTER;
    else if (states !== undefined) {
      state = (state & ~states[1]) | states[0];
      stateMask |= states[1];
    } else if (flushFlags[word] !== undefined) {
      const [value, mask] = flushFlags[word];
      flags = (flags & ~mask) | value;
      flagsMask |= mask;
    } else if (abbreviates(word, 'help')) throw fatal(FDB_USAGE);
  }
  if (device === undefined) throw fatal('Device is a required argument.');
  if ((flags & (NTF_SELF | NTF_MASTER)) === 0) flags |= NTF_SELF;
  const ifindex = await context.links.indexOf(device);
  if (ifindex === 0) throw fatal(`Cannot find bridge device "${device}"`);
  const brport = port === undefined ? 0 : await deviceIndex(context, port);
  await context.request(neighbourMessage, {
    type: RTM_DELNEIGH,
    flags: NLM_F_BULK,
    header: { family: AF_BRIDGE, ifindex, flags, state },
    attributes: {
      ...(brport === 0 ? {} : { ifindex: brport }),
      ...(vlan === undefined ? {} : { vlan }),
      ...(stateMask === 0 ? {} : { ndmStateMask: stateMask }),
      ...(flagsMask === 0 ? {} : { ndmFlagsMask: flagsMask }),
    },
  });
  return 0;
}

export const fdbVerbs: readonly BridgeVerb[] = [
  { names: ['add'], run: modify },
  { names: ['append'], run: modify },
  { names: ['replace'], run: modify },
  { names: ['delete'], run: modify },
  { names: ['get'], run: get },
  { names: ['show', 'lst', 'list'], run: show },
  { names: ['flush'], run: flush },
];
export const showFdb = show;
