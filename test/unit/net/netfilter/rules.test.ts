import { EEXIST, EMLINK, ENOENT, EOPNOTSUPP } from '../../../../src/base/errno.js';
import { createInstance } from '../../../../src/library/index.js';
import type { Instance } from '../../../../src/instance/instance.js';
import { wireExpression } from '../../../../src/netlink/nfnl/expression.js';
import { lookup } from '../../../../src/netlink/nfnl/expressions/lookup.js';
import { masq } from '../../../../src/netlink/nfnl/expressions/masq.js';
import { nat } from '../../../../src/netlink/nfnl/expressions/nat.js';
import { reject } from '../../../../src/netlink/nfnl/expressions/reject.js';
import * as support from '../../../support/nft-batch.js';

const { NftClient, accept, counts, ctState, daddr, drop, ip, jump, load, protocol, saddr } = support;

/** a - r - b, with r the router. */
async function lab(): Promise<Instance> {
  const instance = await createInstance({ clock: 'virtual' });
  const result = await instance.sh(
    [
      'ip netns add a; ip netns add r; ip netns add b',
      'ip link add va netns a type veth peer name ra netns r',
      'ip link add vb netns b type veth peer name rb netns r',
      'ip -n a addr add 10.0.1.2/24 dev va; ip -n a link set va up; ip -n a link set lo up',
      'ip -n b addr add 10.0.2.2/24 dev vb; ip -n b link set vb up; ip -n b link set lo up',
      'ip -n r addr add 10.0.1.1/24 dev ra; ip -n r link set ra up; ip -n r addr add 10.0.2.1/24 dev rb; ip -n r link set rb up',
      'ip -n a route add default via 10.0.1.1; ip -n b route add default via 10.0.2.1',
      'ip netns exec r sysctl -qw net.ipv4.ip_forward=1',
    ].join('; '),
  );
  if (result.status !== 0) throw new Error(result.stderr);
  return instance;
}

const router = (instance: Instance) => new NftClient(instance.transport(instance.namespace('r').id));
const ping = async (instance: Instance, from: string, to: string) =>
  (await instance.sh(`ip netns exec ${from} ping -c 1 -W 1 ${to}`)).status === 0;

describe('nf_tables on the way of packets', () => {
  test('a rule that drops stops what it names, and counts it', async () => {
    const instance = await lab();
    const nft = router(instance);
    expect(await ping(instance, 'a', '10.0.2.2')).toBe(true);
    expect(
      await nft.batch((b) =>
        b.table('t').chain('t', 'f', { hook: 2, priority: 0 }).rule('t', 'f', protocol(1), daddr('10.0.2.2'), counts, drop),
      ),
    ).toEqual([]);
    expect(await ping(instance, 'a', '10.0.2.2')).toBe(false);
    expect(await ping(instance, 'a', '10.0.2.1')).toBe(true);
    expect(await nft.counters()).toEqual([{ packets: 1, bytes: 84 }]);
    expect(instance.drops()['NETFILTER_DROP']).toBe(1);
    instance.close();
  });

  test('a stateful firewall lets answers in, and nothing else', async () => {
    const instance = await lab();
    const nft = router(instance);
    await nft.batch((b) =>
      b
        .table('t')
        .chain('t', 'f', { hook: 2, priority: 0, policy: 0 })
        .rule('t', 'f', ctState(6), counts, accept)
        .rule('t', 'f', saddr('10.0.1.2'), counts, accept),
    );
    expect(await ping(instance, 'a', '10.0.2.2')).toBe(true);
    expect(await ping(instance, 'b', '10.0.1.2')).toBe(false);
    expect((await nft.counters()).map(({ packets }) => packets)).toEqual([1, 1]);
    instance.close();
  });

  test('jumps come back, and a policy decides what no rule does', async () => {
    const instance = await lab();
    const nft = router(instance);
    await nft.batch((b) =>
      b
        .table('t')
        .chain('t', 'f', { hook: 2, priority: 0, policy: 0 })
        .chain('t', 'sub')
        .rule('t', 'f', jump('sub'))
        .rule('t', 'f', counts, saddr('10.0.1.2'), accept)
        .rule('t', 'sub', daddr('10.0.1.2'), accept),
    );
    expect(await ping(instance, 'a', '10.0.2.2')).toBe(true);
    expect((await nft.counters())[1]).toEqual({ packets: 1, bytes: 84 });
    instance.close();
  });

  test('masquerade hides the net behind the router', async () => {
    const instance = await lab();
    await instance.sh('ip -n b route del default');
    expect(await ping(instance, 'a', '10.0.2.2')).toBe(false);
    const nft = router(instance);
    expect(
      await nft.batch((b) =>
        b.table('n').chain('n', 'post', { type: 'nat', hook: 4, priority: 100 }).rule('n', 'post', wireExpression(masq, {})),
      ),
    ).toEqual([]);
    expect(await ping(instance, 'a', '10.0.2.2')).toBe(true);
    instance.close();
  });

  test('destination NAT leads a port to a host behind', async () => {
    const instance = await lab();
    const nft = router(instance);
    await nft.batch((b) =>
      b
        .table('n')
        .chain('n', 'pre', { type: 'nat', hook: 0, priority: -100 })
        .rule('n', 'pre', daddr('10.0.1.1'), support.into(ip('10.0.2.2')), wireExpression(nat, { type: 1, family: 2, regAddrMin: 1 })),
    );
    const seen = instance.capture(instance.device('vb', 'b'));
    const back = instance.capture(instance.device('va', 'a'));
    expect(await ping(instance, 'a', '10.0.1.1')).toBe(true);
    expect(seen.frames.some(({ bytes, outgoing }) => !outgoing && bytes[23] === 1 && bytes[33] === 2 && bytes[32] === 2)).toBe(true);
    // Who asked sees the answer from whom it asked.
    expect(back.frames.some(({ bytes, outgoing }) => !outgoing && bytes[23] === 1 && bytes[28] === 1 && bytes[29] === 1)).toBe(true);
    instance.close();
  });

  test('a refused packet is answered by an ICMP error', async () => {
    const instance = await lab();
    const nft = router(instance);
    await nft.batch((b) =>
      b
        .table('t')
        .chain('t', 'f', { hook: 2, priority: 0 })
        .rule('t', 'f', protocol(1), wireExpression(reject, { type: 0, code: 13 })),
    );
    const { stdout } = await instance.sh('ip netns exec a ping -c 1 -W 1 10.0.2.2');
    expect(stdout).toContain('From 10.0.1.1 icmp_seq=1 Packet filtered');
    instance.close();
  });

  test('a set of addresses is looked in', async () => {
    const instance = await lab();
    const nft = router(instance);
    await nft.batch((b) =>
      b
        .table('t')
        .chain('t', 'f', { hook: 2, priority: 0 })
        .set('t', 's', { keyType: 7, keyLen: 4, flags: 0 })
        .elements('t', 's', [{ key: { value: ip('10.0.2.2') } }, { key: { value: ip('1.2.3.4') } }])
        .rule('t', 'f', load(1, 16, 4), wireExpression(lookup, { set: 's', sreg: 1 }), drop),
    );
    expect(await ping(instance, 'a', '10.0.2.2')).toBe(false);
    instance.close();
  });

  test('a set of intervals knows its bounds', async () => {
    const instance = await lab();
    const nft = router(instance);
    await nft.batch((b) =>
      b
        .table('t')
        .chain('t', 'f', { hook: 2, priority: 0 })
        .set('t', 's', { keyType: 7, keyLen: 4, flags: 4 })
        .elements('t', 's', [
          { key: { value: ip('0.0.0.0') }, flags: 1 },
          { key: { value: ip('10.0.2.0') } },
          { key: { value: ip('10.0.2.2') }, flags: 1 },
          { key: { value: ip('10.0.2.3') } },
          { key: { value: ip('10.0.3.0') }, flags: 1 },
        ])
        .rule('t', 'f', load(1, 16, 4), wireExpression(lookup, { set: 's', sreg: 1 }), drop),
    );
    expect(await ping(instance, 'a', '10.0.2.2')).toBe(true);
    await instance.sh('ip -n b addr add 10.0.2.3/24 dev vb');
    expect(await ping(instance, 'a', '10.0.2.3')).toBe(false);
    instance.close();
  });
});

describe('transactions', () => {
  test('a batch that fails changes nothing, and tells of all that is wrong', async () => {
    const instance = await lab();
    const nft = router(instance);
    await nft.batch((b) => b.table('t').chain('t', 'f', { hook: 2, priority: 0 }).rule('t', 'f', counts, accept));
    const before = JSON.stringify(await nft.rules());
    const errors = await nft.batch((b) =>
      b.rule('t', 'f', drop).chain('t', 'other').rule('t', 'nosuch', accept).table('u').deleteRule('t', 'f', 99),
    );
    expect(errors).toEqual([ENOENT, ENOENT]);
    expect(JSON.stringify(await nft.rules())).toBe(before);
    expect(await nft.tables()).toEqual(['t']);
    expect(await ping(instance, 'a', '10.0.2.2')).toBe(true);
    instance.close();
  });

  test('rules that go round, or lead into a base chain, are refused', async () => {
    const instance = await lab();
    const nft = router(instance);
    await nft.batch((b) =>
      b.table('t').chain('t', 'f', { hook: 2, priority: 0 }).chain('t', 'x').chain('t', 'y').rule('t', 'x', jump('y')),
    );
    // As in Linux, a loop that no packet can enter may stand; what would lead into it may not.
    expect(await nft.batch((b) => b.rule('t', 'y', jump('x')))).toEqual([]);
    expect(await nft.batch((b) => b.rule('t', 'f', jump('x')))).toEqual([EMLINK]);
    expect(await nft.batch((b) => b.rule('t', 'y', jump('f')))).toEqual([EOPNOTSUPP]);
    expect(await nft.batch((b) => b.rule('t', 'f', wireExpression(masq, {})))).toEqual([EOPNOTSUPP]);
    instance.close();
  });

  test('a table goes with all that is in it, and packets pass again', async () => {
    const instance = await lab();
    const nft = router(instance);
    await nft.batch((b) =>
      b
        .table('t')
        .chain('t', 'f', { hook: 2, priority: 0, policy: 0 })
        .set('t', 's', { keyType: 7, keyLen: 4, flags: 0 })
        .rule('t', 'f', load(1, 16, 4), wireExpression(lookup, { set: 's', sreg: 1 }), accept),
    );
    expect(await ping(instance, 'a', '10.0.2.2')).toBe(false);
    expect(await nft.batch((b) => b.deleteTable())).toEqual([]);
    expect(await nft.tables()).toEqual([]);
    expect(await ping(instance, 'a', '10.0.2.2')).toBe(true);
    instance.close();
  });

  test('an element twice is an error only for who creates it', async () => {
    const instance = await lab();
    const nft = router(instance);
    await nft.batch((b) =>
      b
        .table('t')
        .set('t', 's', { keyType: 7, keyLen: 4, flags: 0 })
        .elements('t', 's', [{ key: { value: ip('1.1.1.1') } }]),
    );
    expect(await nft.batch((b) => b.elements('t', 's', [{ key: { value: ip('1.1.1.1') } }]))).toEqual([]);
    expect(await nft.batch((b) => b.elements('t', 's', [{ key: { value: ip('1.1.1.1') } }], 0x600))).toEqual([EEXIST]);
    instance.close();
  });
});
