import { AF_PACKET, AF_UNSPEC } from '../../../netlink/constants.js';
import {
  IFA_F_DADFAILED,
  IFA_F_DEPRECATED,
  IFA_F_HOMEADDRESS,
  IFA_F_MANAGETEMPADDR,
  IFA_F_MCAUTOJOIN,
  IFA_F_NODAD,
  IFA_F_NOPREFIXROUTE,
  IFA_F_OPTIMISTIC,
  IFA_F_PERMANENT,
  IFA_F_SECONDARY,
  IFA_F_STABLE_PRIVACY,
  IFA_F_TENTATIVE,
  RT_SCOPE_NOWHERE,
} from '../../../netlink/rtnl/constants.js';
import type { Address } from '../../shared/address.js';
import { parsePrefix } from '../../shared/address.js';
import type { Cursor } from '../../shared/cursor.js';
import { abbreviates } from '../../shared/cursor.js';
import { duplicateOrGarbage, failure, fatal, invalidArgument } from '../../shared/failure.js';
import { type Keyword, readKeywords } from '../../shared/keywords.js';
import type { IpContext } from '../context.js';
import { vrfByName } from '../vrf/lookup.js';

/** What `ip link show` and `ip addr show|flush|save` select by. */
export interface DeviceFilter {
  family: number;
  deviceName: string | undefined;
  index: number;
  up: boolean;
  label: string | undefined;
  group: number | undefined;
  /** Index of the master; -1: none must be there. */
  master: number;
  kind: string | undefined;
  slaveKind: string | undefined;
  scope: number;
  /** Does the scope count? */
  scoped: boolean;
  flags: number;
  flagMask: number;
  prefix: Address | undefined;
}

export const newDeviceFilter = (family: number): DeviceFilter => ({
  family,
  deviceName: undefined,
  index: 0,
  up: false,
  label: undefined,
  group: undefined,
  master: 0,
  kind: undefined,
  slaveKind: undefined,
  scope: 0,
  scoped: false,
  flags: 0,
  flagMask: 0,
  prefix: undefined,
});

interface AddressFlag {
  readonly name: string;
  readonly mask: number;
  /** The kernel sets it; `ip addr add` cannot. */
  readonly readOnly: boolean;
  readonly onlyIpv6: boolean;
}

const flag = (name: string, mask: number, readOnly: boolean, onlyIpv6: boolean): AddressFlag => ({ name, mask, readOnly, onlyIpv6 });

/** IFA_F_* in the order in which they are printed. */
export const addressFlags: readonly AddressFlag[] = [
  flag('secondary', IFA_F_SECONDARY, true, false),
  flag('temporary', IFA_F_SECONDARY, true, false),
  flag('nodad', IFA_F_NODAD, false, true),
  flag('optimistic', IFA_F_OPTIMISTIC, false, true),
  flag('dadfailed', IFA_F_DADFAILED, true, true),
  flag('home', IFA_F_HOMEADDRESS, false, true),
  flag('deprecated', IFA_F_DEPRECATED, true, true),
  flag('tentative', IFA_F_TENTATIVE, true, true),
  flag('permanent', IFA_F_PERMANENT, true, true),
  flag('mngtmpaddr', IFA_F_MANAGETEMPADDR, false, true),
  flag('noprefixroute', IFA_F_NOPREFIXROUTE, false, false),
  flag('autojoin', IFA_F_MCAUTOJOIN, false, false),
  flag('stable-privacy', IFA_F_STABLE_PRIVACY, true, true),
];

interface FilterState {
  readonly context: IpContext;
  readonly filter: DeviceFilter;
  readonly usage: string;
}

const flagFilter = (word: string, set: boolean, mask: number, text: string): Keyword<FilterState> => ({
  word,
  exact: true,
  text,
  take: ({ filter }) => {
    filter.flags = set ? filter.flags | mask : filter.flags & ~mask;
    filter.flagMask |= mask;
  },
});

export const deviceFilterKeywords: readonly Keyword<FilterState>[] = [
  {
    word: 'to',
    exact: true,
    value: 'PREFIX',
    text: 'addresses within PREFIX',
    take: ({ filter }, cursor) => {
      filter.prefix = parsePrefix(cursor.next(), filter.family);
      if (filter.family === AF_UNSPEC) filter.family = filter.prefix.family;
    },
  },
  {
    word: 'scope',
    exact: true,
    value: 'SCOPE',
    complete: ['host', 'link', 'global', 'all'],
    text: 'addresses of that scope',
    take: async ({ context, filter }, cursor) => {
      const word = cursor.next();
      await context.names.load('rt_scopes');
      const scope = context.names.parse('rt_scopes', word);
      if (scope === null && word !== 'all') throw invalidArgument('invalid "scope"\n', word);
      filter.scope = scope ?? RT_SCOPE_NOWHERE;
      filter.scoped = scope !== null;
    },
  },
  {
    word: 'up',
    exact: true,
    text: 'devices that are up',
    take: ({ filter }) => {
      filter.up = true;
    },
  },
  flagFilter('dynamic', false, IFA_F_PERMANENT, 'addresses with a lifetime'),
  flagFilter('-dynamic', true, IFA_F_PERMANENT, 'addresses without a lifetime'),
  flagFilter('primary', false, IFA_F_SECONDARY, 'addresses that are not secondary'),
  flagFilter('-primary', true, IFA_F_SECONDARY, 'addresses that are secondary'),
  ...addressFlags.flatMap(({ name, mask }) => [
    flagFilter(name, true, mask, `addresses that are ${name}`),
    flagFilter(`-${name}`, false, mask, `addresses that are not ${name}`),
  ]),
  {
    word: 'label',
    exact: true,
    value: 'PATTERN',
    text: 'addresses whose label fits the shell pattern',
    take: ({ filter }, cursor) => {
      filter.label = cursor.next();
    },
  },
  {
    word: 'group',
    exact: true,
    value: 'GROUP',
    text: 'devices of the group',
    take: async ({ context, filter }, cursor) => {
      const word = cursor.next();
      await context.names.load('group');
      const group = context.names.parse('group', word);
      if (group === null) throw invalidArgument('Invalid "group" value\n', word);
      filter.group = group;
    },
  },
  {
    word: 'master',
    exact: true,
    value: 'DEVICE',
    complete: 'device',
    text: 'devices enslaved to DEVICE',
    take: async ({ context, filter }, cursor) => {
      const word = cursor.next();
      filter.master = await context.links.indexOf(word);
      if (filter.master === 0) throw invalidArgument('Device does not exist\n', word);
    },
  },
  {
    word: 'vrf',
    exact: true,
    value: 'NAME',
    complete: 'device',
    text: 'devices of the VRF',
    take: async ({ context, filter }, cursor) => {
      const word = cursor.next();
      const vrf = await vrfByName(context, word);
      if (vrf === null) throw invalidArgument('Not a valid VRF name\n', word);
      filter.master = vrf.index;
    },
  },
  {
    word: 'nomaster',
    exact: true,
    text: 'devices without a master',
    take: ({ filter }) => {
      filter.master = -1;
    },
  },
  {
    word: 'type',
    exact: true,
    value: 'TYPE',
    text: 'devices of that kind, or enslaved to one of it (bridge_slave)',
    take: ({ filter }, cursor) => {
      const word = cursor.next();
      if (word.endsWith('_slave')) filter.slaveKind = word.slice(0, -'_slave'.length);
      else filter.kind = word;
    },
  },
  {
    word: 'dev',
    exact: true,
    value: 'DEVICE',
    complete: 'device',
    text: 'that device alone',
    take: ({ filter }, cursor) => deviceName(filter, cursor.next()),
  },
];

function deviceName(filter: DeviceFilter, word: string): void {
  if (filter.deviceName !== undefined) throw duplicateOrGarbage('dev', word);
  filter.deviceName = word;
}

/** Reads the selection from the command line; finds the device it names. */
export async function readDeviceFilter(context: IpContext, cursor: Cursor, usage: string, family: number): Promise<DeviceFilter> {
  const filter = newDeviceFilter(family);
  await readKeywords(deviceFilterKeywords, { context, filter, usage }, cursor, () => {
    const word = cursor.next();
    if (abbreviates(word, 'help')) throw fatal(usage);
    deviceName(filter, word);
  });
  if (filter.deviceName !== undefined) {
    filter.index = await context.links.indexOf(filter.deviceName);
    if (filter.index === 0) throw failure(`Device "${filter.deviceName}" does not exist.`);
  }
  return filter;
}

/** Are devices themselves asked for, not their addresses? */
export const wantsLinkLayer = (filter: DeviceFilter) => filter.family === AF_UNSPEC || filter.family === AF_PACKET;
