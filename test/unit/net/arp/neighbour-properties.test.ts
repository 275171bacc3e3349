import fc from 'fast-check';
import { closeDevice, openDevice, setCarrier } from '../../../../src/net/core/device-state.js';
import { NEIGH_UPDATE_F_ADMIN, NEIGH_UPDATE_F_OVERRIDE } from '../../../../src/net/core/neighbour.js';
import { ipv4Routes } from '../../../../src/net/ipv4/routes.js';
import { NetError } from '../../../../src/base/net-error.js';
import { ip4, RoutedWorld } from '../routed-world.js';

// All but NUD_NONE and NUD_INCOMPLETE: an entry set to them by hand has no timer, in Linux too, and keeps what is queued to it.
const STATES = [2, 4, 8, 16, 32, 64, 128];

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('send' as const), to: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 40_000 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('update' as const),
      to: fc.integer({ min: 1, max: 6 }),
      state: fc.constantFrom(...STATES),
      address: fc.boolean(),
      flags: fc.constantFrom(0, NEIGH_UPDATE_F_OVERRIDE, NEIGH_UPDATE_F_ADMIN, NEIGH_UPDATE_F_ADMIN | NEIGH_UPDATE_F_OVERRIDE),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), to: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('down' as const, 'carrier' as const, 'mute' as const) }) },
);

test('whatever is sent, learned, changed and taken away, no packet and no timer is left over', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.integer(), (steps, seed) => {
      const world = new RoutedWorld(seed);
      const left = world.namespace();
      const right = world.namespace();
      const [a, b] = world.cable(left, right);
      world.addAddress(a, '10.0.0.100/24');
      for (const host of [1, 2, 3]) world.addAddress(b, `10.0.0.${host}/24`);
      const { arp } = ipv4Routes(left);
      for (const act of steps) {
        switch (act.do) {
          case 'send': {
            const entry = arp.obtain(a, ip4('10.0.0.0') + act.to);
            const skb = world.packet(ip4('10.0.0.100'), ip4('10.0.0.0') + act.to);
            if (entry === null) world.stack.consume(skb);
            else entry.output(skb);
            break;
          }
          case 'wait':
            world.advanceMs(act.ms);
            break;
          case 'update':
            try {
              arp
                .obtain(a, ip4('10.0.0.0') + act.to)
                ?.update(act.address ? Uint8Array.of(2, 0, 0, 0, 0, act.to) : null, act.state, act.flags);
            } catch (error) {
              if (!(error instanceof NetError)) throw error;
            }
            break;
          case 'delete':
            if (arp.lookup(a, ip4('10.0.0.0') + act.to) !== null) arp.delete(a, ip4('10.0.0.0') + act.to);
            break;
          case 'down':
            if (a.up) closeDevice(a);
            else openDevice(a);
            break;
          case 'carrier':
            setCarrier(a, !a.carrier);
            break;
          case 'mute':
            b.ipv4!.config.arpIgnore ^= 8;
            break;
        }
      }
      // Nobody has had an answer for this long: what waits is given up.
      world.advanceMs(30_000);
      expect(world.stack.pool.inUse).toBe(0);
      for (const namespace of [left, right]) ipv4Routes(namespace).arp.destroy();
      world.settle();
      expect(world.stack.pool.inUse).toBe(0);
      expect(world.stack.timers.size).toBe(0);
    }),
    { numRuns: 60 },
  );
});
