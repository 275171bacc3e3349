import type { BridgeDevice } from '../../../net/bridge/bridge-device.js';
import { FDB_LOCAL, FDB_STATIC } from '../../../net/bridge/fdb.js';

/** struct __fdb_entry of linux/if_bridge.h: 0 address | 6 port, low byte | 7 is it local | 8 age, 1/100 s | 12 port, high byte. */
const ENTRY = 16;
const US_PER_HUNDREDTH = 10_000;

/** BRIDGE/brforward: the forwarding entries that lead to ports, as brctl reads them. Linux: br_fdb_fillbuf() */
export function forwardingEntries(bridge: BridgeDevice): Uint8Array {
  const found = bridge.fdb.newestFirst().map((slot) => bridge.fdb.entry(slot));
  const entries = found.flatMap((entry) => (entry.port === null ? [] : [{ ...entry, port: entry.port.number }]));
  const bytes = new Uint8Array(entries.length * ENTRY);
  const view = new DataView(bytes.buffer);
  for (const [i, { address, port, flags, updatedUs }] of entries.entries()) {
    const at = i * ENTRY;
    bytes.set(address, at);
    view.setUint8(at + 6, port & 0xff);
    view.setUint8(at + 7, (flags & FDB_LOCAL) === 0 ? 0 : 1);
    const age = (flags & FDB_STATIC) === 0 ? Math.floor((bridge.stack.nowUs - updatedUs) / US_PER_HUNDREDTH) : 0;
    view.setUint32(at + 8, age >>> 0, true);
    view.setUint8(at + 12, port >>> 8);
  }
  return bytes;
}
