import fc from 'fast-check';
import { addAltName, isValidName, removeAltName } from '../../../../src/net/core/device-name.js';
import type { NetDevice } from '../../../../src/net/core/device.js';
import { moveDevice, registerDevice, renameDevice } from '../../../../src/net/core/device-registry.js';
import { deleteLinks } from '../../../../src/net/core/new-link.js';
import { DummyDevice } from '../../../../src/drivers/dummy.js';
import { plugNic } from '../../../../src/drivers/nic.js';
import { SinkPort } from '../../../../src/drivers/sink-port.js';
import { addLink, addVeth, checkTables, deviceStack, down, eventsOf, receiveAll, refusal, send, up } from '../../drivers/fixture.js';

const names = (devices: readonly NetDevice[]) => devices.map((device) => `${device.ifindex} ${device.name}`);

describe('names', () => {
  test('are those that dev_valid_name() takes', () => {
    for (const name of ['a', 'eth0', 'x.5', 'fifteen-bytes-x', 'ä'.repeat(7)]) expect(isValidName(name)).toBe(true);
    for (const name of ['', '.', '..', 'a/b', 'a:b', 'a b', 'a\tb', 'sixteen-bytes-xx', 'ä'.repeat(8)])
      expect(isValidName(name)).toBe(false);
  });

  test('with %d get the first free number', () => {
    const { stack, initial } = deviceStack();
    addLink(stack, 'dummy', 'x0');
    addLink(stack, 'dummy', 'x2');
    for (let i = 0; i < 3; i++) addLink(stack, 'dummy', 'x%d');
    addLink(stack, 'dummy', '');
    expect(names(initial.devices())).toEqual(['1 lo', '2 x0', '3 x2', '4 x1', '5 x3', '6 x4', '7 dummy0']);
    expect(refusal(() => addLink(stack, 'dummy', 'x%s'))).toBe('EINVAL');
    expect(refusal(() => addLink(stack, 'dummy', 'x%d%d'))).toBe('EINVAL');
  });

  test('are taken once, alternative names included', () => {
    const { stack } = deviceStack();
    const a = addLink(stack, 'dummy', 'a');
    const b = addLink(stack, 'dummy', 'b');
    addAltName(a, 'other');
    expect(refusal(() => addLink(stack, 'dummy', 'other'))).toBe('EEXIST');
    expect(refusal(() => renameDevice(b, 'other'))).toBe('EEXIST');
    expect(refusal(() => renameDevice(a, 'other'))).toBe('EEXIST');
    expect(refusal(() => addAltName(b, 'a'))).toBe('EEXIST');
    expect(refusal(() => removeAltName(b, 'other'))).toBe('EINVAL');
    expect(refusal(() => removeAltName(b, 'nobody'))).toBe('ENOENT');
    expect(refusal(() => removeAltName(a, 'a'))).toBe('EINVAL');
    removeAltName(a, 'other');
    renameDevice(b, 'other');
    checkTables(stack);
  });

  test('do not change while the device is up', () => {
    const { stack } = deviceStack();
    const d = addLink(stack, 'dummy', 'd');
    up(d);
    expect(refusal(() => renameDevice(d, 'e'))).toBe('EBUSY');
    down(d);
    const events = eventsOf(stack.initial);
    renameDevice(d, 'e');
    expect(events).toEqual(['rename e from d']);
    expect(stack.initial.deviceByName('d')).toBeUndefined();
  });
});

describe('interface indexes', () => {
  test('count up and are not used again', () => {
    const { stack, initial } = deviceStack();
    deleteLinks([addLink(stack, 'dummy', 'a')]);
    addLink(stack, 'dummy', 'b');
    expect(names(initial.devices())).toEqual(['1 lo', '3 b']);
  });

  test('may be wished for, and are skipped when their turn comes', () => {
    const { stack, initial } = deviceStack();
    addLink(stack, 'dummy', 'a', { header: { index: 3 } });
    expect(refusal(() => addLink(stack, 'dummy', 'b', { header: { index: 3 } }))).toBe('EBUSY');
    addLink(stack, 'dummy', 'b');
    addLink(stack, 'dummy', 'c');
    expect(names(initial.devices())).toEqual(['1 lo', '2 b', '3 a', '4 c']);
  });

  test('of a pair: the peer has the lower one', () => {
    const { stack, initial } = deviceStack();
    addVeth(stack, 'v0', 'v1');
    expect(names(initial.devices())).toEqual(['1 lo', '2 v1', '3 v0']);
  });
});

describe('a link that is refused', () => {
  test('leaves nothing of its pair behind', () => {
    const { stack, initial } = deviceStack();
    addLink(stack, 'dummy', 'taken');
    expect(refusal(() => addVeth(stack, 'taken', 'v1'))).toBe('EEXIST');
    expect(refusal(() => addVeth(stack, 'v0', 'taken'))).toBe('EEXIST');
    expect(refusal(() => addVeth(stack, 'v0', 'v1', { mtu: 67 }))).toBe('EINVAL');
    expect(refusal(() => addVeth(stack, 'v0', 'v1', { peer: { address: new Uint8Array(6) } }))).toBe('EADDRNOTAVAIL');
    expect(refusal(() => addVeth(stack, 'v0', 'v1', { numTxQueues: 5000 }))).toBe('EINVAL: Invalid number of transmit queues');
    expect(initial.devices().map((device) => device.name)).toEqual(['lo', 'taken']);
    checkTables(stack);
  });
});

describe('moving to another namespace', () => {
  test('sets it down, keeps the index where it is free, and tells both sides', () => {
    const { stack, initial } = deviceStack();
    const other = stack.createNamespace();
    const d = addLink(stack, 'dummy', 'd');
    up(d);
    const left = eventsOf(initial);
    const joined = eventsOf(other);
    moveDevice(d, other);
    expect(left).toEqual(['goingDown d', 'change d 41', 'down d', 'unregister d', 'unlisted d']);
    expect(joined).toEqual(['register d', 'change d ffffffff']);
    expect([d.up, d.ifindex, d.qdiscName, d.namespace === other]).toEqual([false, 2, 'noop', true]);
    checkTables(stack);
  });

  test('gets another index where its own is taken', () => {
    const { stack } = deviceStack();
    const other = stack.createNamespace();
    addLink(stack, 'dummy', 'a', { in: other });
    const b = addLink(stack, 'dummy', 'b');
    moveDevice(b, other);
    expect(names(other.devices())).toEqual(['1 lo', '2 a', '3 b']);
  });

  test('is refused for lo, for a taken name or index, and changes nothing then', () => {
    const { stack, initial } = deviceStack();
    const other = stack.createNamespace();
    addAltName(addLink(stack, 'dummy', 'd', { in: other }), 'alt');
    const d = addLink(stack, 'dummy', 'd');
    const e = addLink(stack, 'dummy', 'e');
    up(d, e);
    expect(refusal(() => moveDevice(initial.loopback, other))).toBe('EINVAL');
    expect(refusal(() => moveDevice(d, other))).toBe('EEXIST');
    expect(refusal(() => moveDevice(d, other, { name: 'alt' }))).toBe('EEXIST');
    addAltName(e, 'alt');
    expect(refusal(() => moveDevice(e, other))).toBe('EEXIST');
    removeAltName(e, 'alt');
    expect(refusal(() => moveDevice(e, other, { ifindex: 2 }))).toBe('EBUSY');
    expect(d.up && e.up).toBe(true);
    moveDevice(d, other, { name: 'd%d', ifindex: 9 });
    expect(names(other.devices())).toEqual(['1 lo', '2 d', '9 d0']);
    checkTables(stack);
  });
});

describe('the end of a namespace', () => {
  test('destroys links, their peers elsewhere too, and gives NICs back', () => {
    const { stack, initial } = deviceStack();
    const other = stack.createNamespace();
    const [, inside] = addVeth(stack, 'v0', 'v1');
    moveDevice(inside, other);
    addLink(stack, 'dummy', 'd', { in: other });
    const nic = plugNic(stack, 'eth0', Uint8Array.of(0x52, 0x54, 0, 0x12, 0x34, 0x56), new SinkPort(stack));
    moveDevice(nic, other);
    addLink(stack, 'dummy', 'eth0');
    stack.destroyNamespace(other);
    expect(new Set(initial.devices().map((device) => device.name))).toEqual(new Set(['lo', `dev${nic.ifindex}`, 'eth0']));
    expect(other.devicesByIndex.size).toBe(0);
    checkTables(stack);
  });
});

describe('a device that is registered', () => {
  test('is announced with all flags', () => {
    const { stack, initial } = deviceStack();
    const events = eventsOf(initial);
    registerDevice(initial, new DummyDevice(stack, 'd%d'));
    expect(events).toEqual(['register d0', 'change d0 ffffffff']);
  });

  test('and unregistered while up goes down first', () => {
    const { stack, initial } = deviceStack();
    const d = addLink(stack, 'dummy', 'd');
    up(d);
    const events = eventsOf(initial);
    deleteLinks([d]);
    expect(events).toEqual(['goingDown d', 'change d 41', 'down d', 'unregister d', 'unlisted d']);
  });
});

const operations = fc.array(
  fc.record({
    what: fc.constantFrom('dummy', 'veth', 'del', 'up', 'down', 'rename', 'move', 'alt', 'send', 'netns', 'netnsDel') as fc.Arbitrary<
      'dummy' | 'veth' | 'del' | 'up' | 'down' | 'rename' | 'move' | 'alt' | 'send' | 'netns' | 'netnsDel'
    >,
    name: fc.constantFrom('a', 'b', 'c', 'd%d', 'bad/name'),
    other: fc.constantFrom('a', 'b', 'c', 'e'),
    pick: fc.nat(20),
    to: fc.nat(3),
  }),
  { maxLength: 60 },
);

test('no sequence of changes, refused or not, leaves half-made state', () => {
  fc.assert(
    fc.property(operations, (steps) => {
      const { stack, initial, run } = deviceStack();
      receiveAll(stack);
      for (const { what, name, other, pick, to } of steps) {
        const namespaces = [...stack.namespaces.values()];
        const namespace = namespaces[to % namespaces.length]!;
        const all = namespaces.flatMap((each) => each.devices());
        const device = all[pick % all.length]!;
        refusal(() => {
          if (what === 'dummy') addLink(stack, 'dummy', name, { in: namespace });
          else if (what === 'veth') addVeth(stack, name, other, { in: namespace });
          else if (what === 'del' && device.kind !== null) deleteLinks([device]);
          else if (what === 'up') up(device);
          else if (what === 'down') down(device);
          else if (what === 'rename') renameDevice(device, name);
          else if (what === 'move') moveDevice(device, namespace, pick % 2 === 0 ? {} : { name: other });
          else if (what === 'alt') addAltName(device, other);
          else if (what === 'send') send(device, [1, 2, 3]);
          else if (what === 'netns') stack.createNamespace();
          else if (what === 'netnsDel' && namespace !== initial) stack.destroyNamespace(namespace);
        });
        checkTables(stack);
      }
      run(10);
      expect(stack.pool.inUse).toBe(0);
    }),
    { numRuns: 200 },
  );
});
