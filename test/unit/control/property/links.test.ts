import fc from 'fast-check';
import { BondDevice } from '../../../../src/drivers/bond/device.js';
import { BridgeDevice } from '../../../../src/net/bridge/bridge-device.js';
import type { NetDevice } from '../../../../src/net/core/device.js';
import { linkOperations } from './link-operations.js';
import { deleteAll, describeLinks, makeAgain, savedLinks } from './saved-links.js';
import { hexOf, TABLES, type Table, World } from './world.js';

// Whatever was asked of links, and refused: what one table says of them all say, and nothing of them outlives them.

const devicesOf = (world: World): NetDevice[] => [...world.assembled.stack.namespaces.values()].flatMap((namespace) => namespace.devices());

const LASTING: ReadonlySet<Table> = new Set(['nsids', 'rules4', 'rules6']);

/** A world in which tunnels make no devices of their own. */
function quietWorld(): World {
  const world = new World();
  world.assembled.stack.settings.fbTunnelsOnlyForInitNet = 2;
  return world;
}

function standsWhole(device: NetDevice): string[] {
  const { namespace, master, link, uppers } = device;
  const here = (other: NetDevice) => other.registered && other.namespace.devicesByIndex.get(other.ifindex) === other;
  const rules: readonly [string, boolean][] = [
    ['is found by its index', here(device)],
    ['is found by its name', namespace.devicesByName.get(device.name) === device],
    ['has a master of its namespace', master === null || (here(master) && master.namespace === namespace && uppers.includes(master))],
    ['is a port of what is there', (device.port !== null) === ((master !== null && hasPorts(master)) || uppers.some(takesFrames))],
    ['knows what it stands upon', device.lowers.every((lower) => lower.uppers.includes(device))],
    ['stands upon what is there', link === null || here(link)],
    ['is one of a pair', device.kind?.kind !== 'veth' || link?.link === device],
    ['carries what is there', uppers.every(here)],
    ['is asked by nobody less than not at all', device.promiscuity >= 0 && device.allMulticast >= 0],
    ['has ports of its own', !(device instanceof BridgeDevice) || device.ports.every((port) => port.device.master === device)],
    ['has slaves of its own', !(device instanceof BondDevice) || device.slaves.every((slave) => slave.device.master === device)],
  ];
  return rules.filter(([, holds]) => !holds).map(([rule]) => `${device.name}: ${rule}`);
}

/** All but the numbers of namespaces and the rule of VRFs, which stay once they are there. */
const shownOf = (world: World): string[] =>
  (Object.keys(TABLES) as Table[]).filter((table) => !LASTING.has(table)).map((table) => `${table} ${world.dump(table).map(hexOf).join()}`);

/** It is one of those that share the device below. */
const takesFrames = ({ kind }: NetDevice) => kind?.kind === 'macvlan' || kind?.kind === 'ipvlan';
const hasPorts = (master: NetDevice) => master instanceof BridgeDevice || master instanceof BondDevice;

test('random requests leave every link whole, and nothing is left of them once they are deleted', () => {
  fc.assert(
    fc.property(fc.array(linkOperations, { minLength: 1, maxLength: 50 }), (requests) => {
      const world = quietWorld();
      try {
        const before = shownOf(world);
        for (const request of requests) {
          world.do(request);
          expect(devicesOf(world).flatMap(standsWhole)).toEqual([]);
          world.settle();
        }
        world.wait(2);
        expect(devicesOf(world).flatMap(standsWhole)).toEqual([]);
        deleteAll(world, savedLinks(world));
        world.wait(1);
        expect(devicesOf(world).map(({ name }) => name)).toEqual(['lo', 'lo']);
        for (const lo of devicesOf(world)) expect([lo.promiscuity, lo.allMulticast, lo.uppers, lo.vlans]).toEqual([0, 0, [], null]);
        expect(shownOf(world)).toEqual(before);
        expect(world.assembled.stack.pool.inUse).toBe(0);
      } finally {
        world.close();
      }
    }),
    { numRuns: 60 },
  );
}, 120_000);

test('links that were dumped, deleted and made again show what they showed', () => {
  fc.assert(
    fc.property(fc.array(linkOperations, { minLength: 1, maxLength: 50 }), (requests) => {
      const world = quietWorld();
      try {
        for (const request of requests) {
          world.do(request);
          world.settle();
        }
        world.wait(3);
        const saved = savedLinks(world);
        deleteAll(world, saved);
        expect(savedLinks(world)).toEqual([]);
        expect(makeAgain(world, saved)).toEqual([]);
        world.wait(3);
        expect(describeLinks(savedLinks(world))).toEqual(describeLinks(saved));
      } finally {
        world.close();
      }
    }),
    { numRuns: 60 },
  );
}, 120_000);
