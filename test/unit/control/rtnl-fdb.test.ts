import { EEXIST, EINVAL, ENOENT, ENOSPC, EOPNOTSUPP } from '../../../src/base/errno.js';
import { NetError } from '../../../src/base/net-error.js';
import { NetlinkClient } from '../../../src/client/netlink-client.js';
import { createInstance } from '../../../src/library/index.js';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../../src/netlink/constants.js';
import { NTF_SELF, NUD_PERMANENT, RTM_DELNEIGH, RTM_GETNEIGH, RTM_NEWNEIGH } from '../../../src/netlink/rtnl/constants.js';
import { type NeighbourAttributes, neighbourMessage } from '../../../src/netlink/rtnl/neighbour.js';

const AF_BRIDGE = 7;
const MAC = Uint8Array.of(2, 0, 0, 0, 0, 9);
const ZEROS = new Uint8Array(6);

/** A vxlan device and what `bridge fdb` would say to it. */
async function world(options = '') {
  const instance = await createInstance({ debugPool: true });
  const made = await instance.sh(`ip link add vx type vxlan id 42 dstport 4789 ${options}`);
  expect([made.stderr, made.status]).toEqual(['', 0]);
  const client = await instance.time.awaiting(NetlinkClient.open(instance.transport(), {}));
  const ask = async (type: number, flags: number, attributes: NeighbourAttributes, device = 'vx', state = NUD_PERMANENT) => {
    const header = { family: AF_BRIDGE, ifindex: instance.device(device).ifindex, state, flags: NTF_SELF };
    try {
      await instance.time.awaiting(client.request(neighbourMessage, { type, flags, header, attributes }));
      return 0;
    } catch (error) {
      if (error instanceof NetError) return error.errno;
      throw error;
    }
  };
  const list = async () => {
    const entries: string[] = [];
    const dump = async () => {
      for await (const message of client.dump(neighbourMessage, { type: RTM_GETNEIGH, header: { family: AF_BRIDGE }, attributes: {} })) {
        const { lladdr, dst, port, vni } = neighbourMessage.parse(message).attributes;
        entries.push([Buffer.from(lladdr!).toString('hex'), dst?.join('.'), port, vni].join(' ').trim());
      }
    };
    await instance.time.awaiting(dump());
    return entries.sort();
  };
  const close = () => {
    client.close();
    instance.close();
  };
  return { ask, list, close };
}

const ADD = NLM_F_CREATE | NLM_F_EXCL;
const dst = (...bytes: number[]) => Uint8Array.from(bytes);

test('an address has one remote; the address of all zeros as many as are appended', async () => {
  const { ask, list, close } = await world('remote 192.0.2.1');
  expect(await ask(RTM_NEWNEIGH, ADD, { lladdr: MAC, dst: dst(192, 0, 2, 9) })).toBe(0);
  expect(await ask(RTM_NEWNEIGH, ADD, { lladdr: MAC, dst: dst(192, 0, 2, 8) })).toBe(EEXIST);
  const more = { lladdr: ZEROS, dst: dst(192, 0, 2, 2), port: 77, vni: 5 };
  expect(await ask(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_APPEND, more)).toBe(0);
  expect(await list()).toEqual(['000000000000 192.0.2.1', '000000000000 192.0.2.2 77 5', '020000000009 192.0.2.9']);
  expect(await ask(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, { lladdr: MAC, dst: dst(192, 0, 2, 7) })).toBe(0);
  expect(await ask(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, { lladdr: ZEROS, dst: dst(192, 0, 2, 7) })).toBe(EOPNOTSUPP);
  expect(await ask(RTM_DELNEIGH, 0, { lladdr: ZEROS, dst: dst(192, 0, 2, 1) })).toBe(0);
  expect(await list()).toEqual(['000000000000 192.0.2.2 77 5', '020000000009 192.0.2.7']);
  expect(await ask(RTM_DELNEIGH, 0, { lladdr: MAC })).toBe(0);
  expect(await ask(RTM_DELNEIGH, 0, { lladdr: MAC })).toBe(ENOENT);
  close();
});

test('what makes no sense is refused', async () => {
  const { ask, list, close } = await world('maxaddress 1');
  expect(await ask(RTM_NEWNEIGH, ADD, { lladdr: MAC })).toBe(EINVAL);
  expect(await ask(RTM_NEWNEIGH, ADD, { lladdr: MAC.subarray(0, 4), dst: dst(1, 2, 3, 4) })).toBe(EINVAL);
  expect(await ask(RTM_NEWNEIGH, ADD, { lladdr: MAC, dst: dst(1, 2, 3, 4), vni: 1 << 24 })).toBe(EINVAL);
  expect(await ask(RTM_NEWNEIGH, ADD, { lladdr: MAC, dst: dst(1, 2, 3, 4) }, 'vx', 0)).toBe(EINVAL);
  expect(await ask(RTM_NEWNEIGH, 0, { lladdr: MAC, dst: dst(1, 2, 3, 4) })).toBe(ENOENT);
  expect(await ask(RTM_NEWNEIGH, ADD, { lladdr: MAC, dst: dst(1, 2, 3, 4) })).toBe(0);
  expect(await ask(RTM_NEWNEIGH, ADD, { lladdr: ZEROS, dst: dst(1, 2, 3, 4) })).toBe(ENOSPC);
  expect(await list()).toEqual(['020000000009 1.2.3.4']);
  close();
});
