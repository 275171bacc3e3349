import type { NetDevice } from '../../core/device.js';
import { ipv4Routes } from '../../ipv4/routes.js';
import type { Conntrack } from '../conntrack/conntrack.js';
import { MASQUERADE_IFINDEX } from '../conntrack/layout.js';
import { Tuple } from '../conntrack/tuple.js';

const reply = new Tuple();

/** Ends masqueraded connections whose device or address goes: their answers would find nobody. Linux: nf_nat_masquerade_inet_register_notifiers() */
export function watchMasquerade(conntrack: Conntrack): void {
  const { namespace } = conntrack;
  namespace.deviceEvents.subscribe(({ type, device }) => {
    if (type === 'down' || type === 'unregister') end(conntrack, device, () => true);
  });
  ipv4Routes(namespace).addresses.events.subscribe(({ type, address }) => {
    if (type === 'delete') end(conntrack, address.device, ({ destination }) => destination[0] === address.local);
  });
  namespace.ipv6.addresses.events.subscribe(({ type, address }) => {
    if (type === 'delete')
      end(conntrack, address.owner.device, ({ destination }) => destination.every((word, i) => word === address.address[i]));
  });
}

function end(conntrack: Conntrack, device: NetDevice, matches: (answers: Tuple) => boolean): void {
  const { table } = conntrack;
  if (conntrack.count === 0) return;
  for (const id of [...conntrack.ids()])
    if (table.get(id, MASQUERADE_IFINDEX) === device.ifindex && matches(table.readTuple(id, 1, reply))) conntrack.kill(id);
}
