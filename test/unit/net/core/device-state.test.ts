import {
  addAllMulticast,
  addPromiscuity,
  changeCarrier,
  changeFlags,
  deviceFlags,
  setAddress,
  setAlias,
  setBroadcast,
  setDormant,
  setMtu,
  setOperState,
  setTxQueueLength,
  shownOperState,
} from '../../../../src/net/core/device-state.js';
import { moveDevice } from '../../../../src/net/core/device-registry.js';
import { plugNic } from '../../../../src/drivers/nic.js';
import { SinkPort } from '../../../../src/drivers/sink-port.js';
import * as rtnl from '../../../../src/netlink/rtnl/constants.js';
import { addLink, addVeth, deviceStack, down, eventsOf, refusal, up } from '../../drivers/fixture.js';

const { IF_OPER_UNKNOWN, IF_OPER_DOWN, IF_OPER_LOWERLAYERDOWN, IF_OPER_DORMANT, IF_OPER_UP } = rtnl;

const FLAGS = {
  UP: rtnl.IFF_UP,
  BROADCAST: rtnl.IFF_BROADCAST,
  LOOPBACK: rtnl.IFF_LOOPBACK,
  RUNNING: rtnl.IFF_RUNNING,
  NOARP: rtnl.IFF_NOARP,
  PROMISC: rtnl.IFF_PROMISC,
  ALLMULTI: rtnl.IFF_ALLMULTI,
  MULTICAST: rtnl.IFF_MULTICAST,
  LOWER_UP: rtnl.IFF_LOWER_UP,
  DORMANT: rtnl.IFF_DORMANT,
};

/** <NO-CARRIER,...> as `ip link` would show it. */
function flagNames(flags: number): string {
  return Object.entries(FLAGS)
    .filter(([, bit]) => (flags & bit) !== 0)
    .map(([name]) => name)
    .join(',');
}

describe('a device without a wire', () => {
  test('is UNKNOWN when up, DOWN when not', () => {
    const { stack, run } = deviceStack();
    const d = addLink(stack, 'dummy', 'd');
    expect([shownOperState(d), d.qdiscName, flagNames(deviceFlags(d))]).toEqual([IF_OPER_DOWN, 'noop', 'BROADCAST,NOARP']);
    up(d);
    run();
    expect([shownOperState(d), d.qdiscName, flagNames(deviceFlags(d))]).toEqual([
      IF_OPER_UNKNOWN,
      'noqueue',
      'UP,BROADCAST,RUNNING,NOARP,LOWER_UP',
    ]);
    down(d);
    expect([shownOperState(d), d.qdiscName]).toEqual([IF_OPER_DOWN, 'noqueue']);
  });

  test('whose user takes the carrier away is DOWN, and UP when it is back', () => {
    const { stack, run } = deviceStack();
    const d = addLink(stack, 'dummy', 'd');
    up(d);
    changeCarrier(d, false);
    changeCarrier(d, false);
    run();
    expect([shownOperState(d), flagNames(deviceFlags(d)), d.carrierUpCount, d.carrierDownCount]).toEqual([
      IF_OPER_DOWN,
      'UP,BROADCAST,NOARP',
      0,
      1,
    ]);
    changeCarrier(d, true);
    run();
    expect(shownOperState(d)).toBe(IF_OPER_UP);
  });

  test('in mode DORMANT waits for the user to say UP', () => {
    const { stack, run } = deviceStack();
    const d = addLink(stack, 'dummy', 'd');
    up(d);
    d.linkMode = rtnl.IF_LINK_MODE_DORMANT;
    changeCarrier(d, false);
    run();
    changeCarrier(d, true);
    run();
    expect([shownOperState(d), flagNames(deviceFlags(d))]).toEqual([IF_OPER_DORMANT, 'UP,BROADCAST,NOARP,LOWER_UP']);
    setOperState(d, IF_OPER_UP);
    expect(shownOperState(d)).toBe(IF_OPER_UP);
    setOperState(d, IF_OPER_DOWN);
    expect(shownOperState(d)).toBe(IF_OPER_UP);
  });

  test('that is dormant says so', () => {
    const { stack, run } = deviceStack();
    const d = addLink(stack, 'dummy', 'd');
    up(d);
    setDormant(d, true);
    run();
    expect(shownOperState(d)).toBe(IF_OPER_DORMANT);
    setDormant(d, false);
    run();
    expect(shownOperState(d)).toBe(IF_OPER_UP);
  });
});

describe('a pair', () => {
  test('has carrier when both ends are up', () => {
    const { stack, run } = deviceStack();
    const [v0, v1] = addVeth(stack, 'v0', 'v1');
    const states = () => {
      run();
      return [shownOperState(v0), shownOperState(v1)];
    };
    expect(states()).toEqual([IF_OPER_DOWN, IF_OPER_DOWN]);
    up(v0);
    expect(states()).toEqual([IF_OPER_LOWERLAYERDOWN, IF_OPER_DOWN]);
    up(v1);
    expect(states()).toEqual([IF_OPER_UP, IF_OPER_UP]);
    down(v0);
    expect(states()).toEqual([IF_OPER_DOWN, IF_OPER_LOWERLAYERDOWN]);
    up(v0);
    expect([v0.carrierUpCount, v0.carrierDownCount, v1.carrierUpCount, v1.carrierDownCount]).toEqual([2, 2, 2, 2]);
  });

  test('tells of itself before its link state follows', () => {
    const { stack, initial, run } = deviceStack();
    const [v0, v1] = addVeth(stack, 'v0', 'v1');
    up(v0);
    run();
    const events = eventsOf(initial);
    up(v1);
    events.push('-- ack');
    run();
    expect(events).toEqual(['change v1 1', 'up v1', '-- ack', 'carrier v1', 'change v1 0', 'carrier v0', 'change v0 0']);
  });

  test('whose ends have the same index in two namespaces is DOWN without carrier', () => {
    const { stack, run } = deviceStack();
    const other = stack.createNamespace();
    const [v0, v1] = addVeth(stack, 'v0', 'v1');
    moveDevice(v1, other, { ifindex: v0.ifindex });
    up(v0);
    run();
    expect(shownOperState(v0)).toBe(IF_OPER_DOWN);
  });
});

describe('a NIC', () => {
  test('follows its port', () => {
    const { stack, run } = deviceStack();
    const port = new SinkPort(stack);
    const nic = plugNic(stack, 'eth0', Uint8Array.of(0x52, 0x54, 0, 0x12, 0x34, 0x56), port);
    up(nic);
    run();
    expect([shownOperState(nic), nic.qdiscName]).toEqual([IF_OPER_UP, 'fq_codel']);
    port.receiver?.carrierChanged(false);
    run();
    expect(shownOperState(nic)).toBe(IF_OPER_DOWN);
  });
});

describe('flags', () => {
  test('that are not the user’s stay', () => {
    const { stack } = deviceStack();
    const d = addLink(stack, 'dummy', 'd');
    changeFlags(d, rtnl.IFF_UP | rtnl.IFF_LOOPBACK | rtnl.IFF_RUNNING | rtnl.IFF_MULTICAST);
    expect(flagNames(d.flags)).toBe('UP,BROADCAST,MULTICAST');
  });

  test('PROMISC counts the user once, and others besides', () => {
    const { stack, initial } = deviceStack();
    const d = addLink(stack, 'dummy', 'd');
    const events = eventsOf(initial);
    changeFlags(d, d.flags | rtnl.IFF_PROMISC);
    changeFlags(d, deviceFlags(d) | rtnl.IFF_PROMISC);
    addPromiscuity(d, 1);
    expect([d.promiscuity, flagNames(deviceFlags(d))]).toEqual([2, 'BROADCAST,NOARP,PROMISC']);
    changeFlags(d, d.flags & ~rtnl.IFF_PROMISC);
    expect([d.promiscuity, flagNames(deviceFlags(d)), flagNames(d.flags)]).toEqual([1, 'BROADCAST,NOARP', 'BROADCAST,NOARP,PROMISC']);
    addPromiscuity(d, -1);
    expect(events).toEqual(['change d 100', 'change d 100', 'change d 100']);
    // Of that nobody is told (dev_set_allmulti()).
    addAllMulticast(d, 1);
    expect([events.length, flagNames(d.flags)]).toEqual([3, 'BROADCAST,NOARP,ALLMULTI']);
    expect(refusal(() => addPromiscuity(d, -1))).toBe('EOVERFLOW');
  });

  test('UP is refused without a valid address', () => {
    const { stack } = deviceStack();
    const d = addLink(stack, 'dummy', 'd');
    d.address = new Uint8Array(6);
    expect(refusal(() => up(d))).toBe('EADDRNOTAVAIL');
    expect(d.up).toBe(false);
  });
});

describe('what a user changes', () => {
  test('MTU within the limits of the device', () => {
    const { stack, initial } = deviceStack();
    const d = addLink(stack, 'dummy', 'd');
    const [v0] = addVeth(stack, 'v0', 'v1');
    for (const mtu of [0, 67, 65_536, 0x7fff_ffff]) expect(refusal(() => setMtu(d, mtu))).toBe('accepted');
    expect(refusal(() => setMtu(d, 0xffff_ffff))).toBe('EINVAL: mtu less than device minimum');
    expect(refusal(() => setMtu(v0, 67))).toBe('EINVAL: mtu less than device minimum');
    expect(refusal(() => setMtu(v0, 65_536))).toBe('EINVAL: mtu greater than device maximum');
    const events = eventsOf(initial);
    setMtu(v0, 1400);
    setMtu(v0, 1400);
    expect(events).toEqual(['mtu v0']);
  });

  test('addresses that one station can have', () => {
    const { stack, initial } = deviceStack();
    const d = addLink(stack, 'dummy', 'd');
    up(d);
    const valid = Uint8Array.of(2, 0, 0, 0, 0, 1);
    for (const device of [d, initial.loopback]) {
      expect(refusal(() => setAddress(device, valid))).toBe('accepted');
      expect(refusal(() => setAddress(device, new Uint8Array(6)))).toBe('EADDRNOTAVAIL');
      expect(refusal(() => setAddress(device, Uint8Array.of(1, 0, 0, 0, 0, 1)))).toBe('EADDRNOTAVAIL');
      expect(device.address).toEqual(valid);
    }
    expect(refusal(() => setAddress(d, valid.subarray(0, 5)))).toBe('EINVAL');
    setBroadcast(d, Uint8Array.of(2, 0xff, 0xff, 0xff, 0xff, 0xff, 9, 9));
    expect(d.broadcast).toEqual(Uint8Array.of(2, 0xff, 0xff, 0xff, 0xff, 0xff));
  });

  test('queue length and alias within their limits; the carrier only where the driver lets them', () => {
    const { stack } = deviceStack();
    const [v0] = addVeth(stack, 'v0', 'v1');
    expect(refusal(() => setTxQueueLength(v0, 0xffff_fffb))).toBe('ERANGE');
    expect(refusal(() => setAlias(v0, 'x'.repeat(255)))).toBe('accepted');
    expect(refusal(() => setAlias(v0, 'x'.repeat(256)))).toBe('EINVAL');
    expect(refusal(() => changeCarrier(v0, false))).toBe('EOPNOTSUPP');
  });
});
