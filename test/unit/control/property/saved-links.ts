import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_ACK, NLM_F_REQUEST } from '../../../../src/netlink/constants.js';
import { IFF_UP, RTM_DELLINK, RTM_NEWLINK } from '../../../../src/netlink/rtnl/constants.js';
import { type BondData, bondData } from '../../../../src/netlink/rtnl/link/bond.js';
import { linkDataTables } from '../../../../src/netlink/rtnl/link/kinds.js';
import { type LinkAttributes, type LinkHeader, linkMessage } from '../../../../src/netlink/rtnl/link/link.js';
import { vethData } from '../../../../src/netlink/rtnl/link/veth.js';
import { Deferred } from '../../../../src/netlink/schema.js';
import { build } from '../netlink-fixture.js';
import { INITIAL, OTHER } from './numbers.js';
import type { World } from './world.js';

// Links of both namespaces as dumps show them, and how a script would make them again out of that.

export interface SavedLink {
  readonly elsewhere: boolean;
  readonly header: LinkHeader;
  readonly attributes: LinkAttributes;
  readonly kind: string;
  /** Of those below and above, and of itself, where it is. */
  readonly lower: SavedLink | undefined;
  readonly master: SavedLink | undefined;
  /** IFLA_LINK names what is not there (any more). */
  readonly dangling: boolean;
}

const SETTINGS: Readonly<Record<string, readonly string[]>> = {
  bond: ['mode', 'miimon'],
  bridge: ['vlanFiltering', 'ageingTime'],
  vlan: ['protocol', 'id', 'flags', 'ingressQos', 'egressQos'],
  vrf: ['table'],
  macvlan: ['mode', 'flags'],
  ipvlan: ['mode', 'flags'],
  vxlan: ['id', 'group', 'port', 'learning', 'ttl', 'ageing', 'portRange'],
  gre: ['iflags', 'oflags', 'ikey', 'okey', 'local', 'remote', 'ttl', 'tos', 'pmtudisc'],
  gretap: ['iflags', 'oflags', 'ikey', 'okey', 'local', 'remote', 'ttl', 'tos', 'pmtudisc'],
};

const valuesOf = (kind: string, attributes: LinkAttributes): Record<string, unknown> => {
  const table = linkDataTables.get(kind);
  return table === undefined ? {} : { ...(attributes.linkinfo?.data ?? Deferred.empty).parse(table) };
};

/** What its maker may say again of the settings of its kind; the rest is what the kernel tells. */
function settingsOf({ kind, attributes }: SavedLink): Record<string, unknown> {
  const values = valuesOf(kind, attributes);
  // What is shown with all bits as its mask may be set for those bits alone that there are.
  const flags = values['flags'] as { readonly flags: number } | undefined;
  if (kind === 'vlan' && flags !== undefined) values['flags'] = { flags: flags.flags, mask: flags.flags };
  return Object.fromEntries((SETTINGS[kind] ?? []).filter((key) => values[key] !== undefined).map((key) => [key, values[key]]));
}

/** All links but those that the stack has by itself. */
export function savedLinks(world: World): SavedLink[] {
  const links = [false, true].flatMap((elsewhere) =>
    world.dump('links', elsewhere).map((message) => {
      const { header, attributes } = linkMessage.parse(message);
      return { elsewhere, header, attributes, kind: attributes.linkinfo?.kind ?? '' };
    }),
  );
  const saved = links as ((typeof links)[number] & { lower?: SavedLink | undefined; master?: SavedLink | undefined; dangling: boolean })[];
  const find = (elsewhere: boolean, ifindex: number | undefined) =>
    saved.find((link) => link.elsewhere === elsewhere && link.header.index === ifindex) as SavedLink | undefined;
  for (const link of saved) {
    const { attributes, elsewhere } = link;
    const born = bornElsewhere(link);
    const wanted = link.kind === 'vxlan' ? (valuesOf('vxlan', attributes)['link'] as number | undefined) : attributes.link;
    link.lower = find(born, wanted ?? 0);
    link.dangling = (wanted ?? 0) !== 0 && link.lower === undefined;
    link.master = find(elsewhere, attributes.master);
  }
  return (saved as SavedLink[]).filter((link) => link.kind !== '');
}

/** Whether what is below it, or its outer packets, are in the other namespace; of a pair, the other end. */
const bornElsewhere = ({ elsewhere, attributes }: { elsewhere: boolean; attributes: LinkAttributes }) =>
  attributes.linkNetnsid === undefined ? elsewhere : !elsewhere;

const nameOf = (link: SavedLink | undefined) =>
  link === undefined ? '-' : `${link.elsewhere ? 'other' : 'here'}/${link.attributes.ifname}`;
const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex');

/** What is the same of a link that has been made again. */
export function describeLinks(links: readonly SavedLink[]): string[] {
  return links
    .map((link) => {
      const { attributes: a, header } = link;
      const says = {
        kind: link.kind,
        flags: header.flags.toString(16),
        mtu: a.mtu,
        address: hex(a.address),
        master: nameOf(link.master),
        lower: link.dangling ? 'gone' : nameOf(link.lower),
        elsewhere: a.linkNetnsid !== undefined,
        txqlen: a.txqlen,
        operstate: a.operstate,
        promiscuity: a.promiscuity,
        allmulti: a.allmulti,
        settings: settingsOf(link),
      };
      return `${nameOf(link)} ${JSON.stringify(says)}`;
    })
    .sort();
}

type Ask = (elsewhere: boolean, type: number, flags: number, header: Partial<LinkHeader>, attributes: LinkAttributes) => number;

const asker =
  (world: World): Ask =>
  (elsewhere, type, flags, header, attributes) =>
    world.do({
      bytes: build((writer) => linkMessage.build(writer, type, flags | NLM_F_REQUEST | NLM_F_ACK, 1, 0, header, attributes)),
      elsewhere,
    });

/** Deletes all links that can be deleted; those that went with others are none to delete. */
export function deleteAll(world: World, links: readonly SavedLink[]): void {
  const ask = asker(world);
  for (const { elsewhere, header } of links) ask(elsewhere, RTM_DELLINK, 0, { index: header.index }, {});
}

/** Makes the links again: what was refused on the way. Their indexes are others. */
export function makeAgain(world: World, links: readonly SavedLink[]): string[] {
  const ask = asker(world);
  const refused: string[] = [];
  const numbers = new Map(links.map((link, at) => [link, 1000 + at]));
  const must = (what: string, errno: number) => {
    if (errno !== 0) refused.push(`${what}: errno ${errno}`);
  };
  // From below, where the outer packets are, under names of nobody.
  const made = new Set<SavedLink>();
  for (let before = -1; before !== made.size; ) {
    before = made.size;
    for (const link of links) {
      const pair = link.kind === 'veth' ? link.lower : undefined;
      if (made.has(link) || (pair === undefined && link.lower !== undefined && link.lower.kind !== '' && !made.has(link.lower))) continue;
      const [number, attributes] = [numbers.get(link)!, creation(link, numbers)];
      const born = pair === undefined ? bornElsewhere(link) : link.elsewhere;
      must(`make ${nameOf(link)}`, ask(born, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, { index: number }, attributes));
      made.add(link);
      if (pair !== undefined) made.add(pair);
    }
  }
  for (const link of links) if (!made.has(link)) refused.push(`${nameOf(link)} stands upon nothing`);
  for (const link of links) {
    const index = numbers.get(link)!;
    const { ifname } = link.attributes;
    const born = link.kind === 'veth' ? link.elsewhere : bornElsewhere(link);
    if (born === link.elsewhere) must(`name ${nameOf(link)}`, ask(born, RTM_NEWLINK, 0, { index }, { ifname }));
    else must(`move ${nameOf(link)}`, ask(born, RTM_NEWLINK, 0, { index }, { ifname, netNsFd: link.elsewhere ? OTHER : INITIAL }));
  }
  for (const link of links)
    if (link.master !== undefined)
      must(
        `enslave ${nameOf(link)}`,
        ask(link.elsewhere, RTM_NEWLINK, 0, { index: numbers.get(link)! }, { master: numbers.get(link.master)! }),
      );
  settleInto(world, links, numbers, ask);
  return refused;
}

function creation(link: SavedLink, numbers: ReadonlyMap<SavedLink, number>): LinkAttributes {
  const { kind, attributes, lower } = link;
  const lowerNumber = lower === undefined ? undefined : (numbers.get(lower) ?? lower.header.index);
  const common = (of: SavedLink): LinkAttributes => ({
    ifname: `t${numbers.get(of)}`,
    mtu: of.attributes.mtu,
    txqlen: of.attributes.txqlen,
    ...(of.attributes.address?.length === 6 && of.kind !== 'ipvlan' ? { address: of.attributes.address } : {}),
  });
  if (kind === 'veth' && lower !== undefined) {
    const peer = { ...common(lower), netNsFd: lower.elsewhere ? OTHER : INITIAL };
    return {
      ...common(link),
      linkinfo: { kind, data: Deferred.of(vethData, { peer: { header: { index: lowerNumber! }, attributes: peer } }) },
    };
  }
  const table = linkDataTables.get(kind);
  const inData = kind === 'vxlan' || kind === 'gre' || kind === 'gretap';
  const settings = { ...settingsOf(link), ...(inData ? { link: link.dangling ? attributes.link : lowerNumber } : {}) };
  return {
    ...common(link),
    ...(inData ? {} : { link: lowerNumber }),
    linkinfo: { kind, ...(table === undefined ? {} : { data: Deferred.by((writer) => table.write(writer, settings)) }) },
  };
}

/** What masters and lower devices change of others is put right: up from below, then down, until nothing differs. */
function settleInto(world: World, links: readonly SavedLink[], numbers: ReadonlyMap<SavedLink, number>, ask: Ask): void {
  const wanted = new Map(links.map((link) => [numbers.get(link)!, link]));
  for (const up of [true, true, true, true, false, false, false]) {
    for (const now of savedLinks(world)) {
      const { index, flags } = now.header;
      const link = wanted.get(index);
      if (link === undefined) continue;
      const set = (attributes: LinkAttributes, header: Partial<LinkHeader> = {}) =>
        ask(link.elsewhere, RTM_NEWLINK, 0, { index, ...header }, attributes);
      const { mtu, address, linkinfo } = link.attributes;
      if (now.attributes.mtu !== mtu) set({ mtu });
      if (hex(now.attributes.address) !== hex(address)) set({ address });
      const goal = link.header.flags & IFF_UP;
      if ((flags & IFF_UP) !== goal && up === (goal !== 0)) set({}, { flags: goal, change: IFF_UP });
      if (link.kind === 'bond' && !up) restoreActive(link, links, numbers, (data) => set({ linkinfo: { kind: 'bond', data } }), linkinfo);
      world.settle();
    }
  }
}

function restoreActive(
  bond: SavedLink,
  links: readonly SavedLink[],
  numbers: ReadonlyMap<SavedLink, number>,
  set: (data: Deferred) => void,
  linkinfo: LinkAttributes['linkinfo'],
): void {
  const { activeSlave = 0 }: BondData = (linkinfo?.data ?? Deferred.empty).parse(bondData);
  const slave = links.find(({ elsewhere, header }) => elsewhere === bond.elsewhere && header.index === activeSlave);
  if (activeSlave !== 0 && slave !== undefined) set(Deferred.of(bondData, { activeSlave: numbers.get(slave)! }));
}
