import fc from 'fast-check';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../../../src/netlink/constants.js';
import { IFF_UP, RTM_NEWLINK } from '../../../../src/netlink/rtnl/constants.js';
import { bondData } from '../../../../src/netlink/rtnl/link/bond.js';
import { bridgeData } from '../../../../src/netlink/rtnl/link/bridge.js';
import { greData } from '../../../../src/netlink/rtnl/link/gre.js';
import { linkMessage } from '../../../../src/netlink/rtnl/link/link.js';
import { vlanData } from '../../../../src/netlink/rtnl/link/vlan.js';
import { vxlanData } from '../../../../src/netlink/rtnl/link/vxlan.js';
import { Deferred } from '../../../../src/netlink/schema.js';
import { deleteLink, moveLink, name, newLink, newUpper, operation, setLink } from './operations.js';

// Requests about links alone, closer together than among all others: long stacks, masters that change, ends that go away.

const index = fc.constantFrom(0, 2, 3, 4, 5, 6, 7, 8);

const dataOf = {
  gre: ({ link, number }: Wish) => Deferred.of(greData, { link, remote: 0x0a00_0000 + number, local: 0x0a00_00fe, ttl: 64 }),
  gretap: ({ link, number }: Wish) =>
    Deferred.of(greData, { link, remote: 0x0a00_0000 + number, iflags: 0x2000, oflags: 0x2000, ikey: number }),
  vxlan: ({ link, number }: Wish) => Deferred.of(vxlanData, { id: number, link, group: 0xef01_0101, port: 4789, learning: number & 1 }),
  vlan: ({ number }: Wish) => Deferred.of(vlanData, { id: number, egressQos: [{ from: number, to: 3 }] }),
  bridge: ({ number }: Wish) => Deferred.of(bridgeData, { vlanFiltering: number & 1, ageingTime: number * 1000 }),
  bond: ({ number }: Wish) => Deferred.of(bondData, { mode: number & 3, miimon: 100 }),
} as const;
type Kind = keyof typeof dataOf;

interface Wish {
  readonly link: number;
  readonly number: number;
}

const newStacked = fc
  .record({
    ifname: name,
    kind: fc.constantFrom<Kind>('gre', 'gretap', 'vxlan', 'vlan', 'bridge', 'bond'),
    link: index,
    number: fc.integer({ min: 1, max: 4 }),
    up: fc.boolean(),
    elsewhere: fc.constantFrom(false, false, false, true),
  })
  .map(({ ifname, kind, link, number, up, elsewhere }) => ({
    ...operation(linkMessage, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, up ? { flags: IFF_UP, change: IFF_UP } : {}, {
      ifname,
      link: kind === 'vlan' ? link : undefined,
      linkinfo: { kind, data: dataOf[kind]({ link, number }) },
    }),
    elsewhere,
  }));

const elsewhereToo = fc
  .record({ request: fc.oneof(setLink, deleteLink), elsewhere: fc.constantFrom(false, false, true) })
  .map(({ request, elsewhere }) => ({ ...request, elsewhere }));

const enslave = fc
  .record({ index, master: index, elsewhere: fc.constantFrom(false, false, false, true) })
  .map(({ index: ifindex, master, elsewhere }) => ({
    ...operation(linkMessage, RTM_NEWLINK, 0, { index: ifindex }, { master }),
    elsewhere,
  }));

const LOOPBACK = 1;
/** ifi_index, behind the nlmsghdr. */
const indexIn = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset).getInt32(16 + 4, true);

export const linkOperations = fc
  .oneof(
    { weight: 3, arbitrary: newLink },
    { weight: 3, arbitrary: newUpper },
    { weight: 5, arbitrary: newStacked },
    { weight: 3, arbitrary: moveLink },
    { weight: 5, arbitrary: enslave },
    { weight: 6, arbitrary: elsewhereToo },
  )
  // The loopback stays as it is, so that what is there at the end compares with the beginning.
  .filter(({ bytes }) => indexIn(bytes) !== LOOPBACK);
