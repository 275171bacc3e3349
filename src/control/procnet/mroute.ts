import { type MfcEntry, type MrTable, NO_FORWARD } from '../../net/core/mroute/table.js';
import { addressToBytes, type In6 } from '../../wire/ipv6.js';
import { hex, hexBytes } from './hex.js';
import type { ProcNetView } from './view.js';

// The files show the default table alone.

const swapped = (address: number): string =>
  hex(((address & 0xff) << 24) | ((address & 0xff00) << 8) | ((address >>> 8) & 0xff00) | (address >>> 24), 8).toUpperCase();

function* vifs<A>(table: MrTable<A>): Generator<readonly [string, NonNullable<MrTable<A>['vifs'][number]>]> {
  for (let i = 0; i < table.maxVif; i++) {
    const vif = table.vifs[i];
    if (vif == null) continue;
    const numbers = `${String(vif.bytesIn).padStart(8)} ${String(vif.packetsIn).padStart(7)}  ${String(vif.bytesOut).padStart(8)} ${String(vif.packetsOut).padStart(7)}`;
    yield [`${String(i).padStart(2)} ${vif.device.name.padEnd(10)} ${numbers} ${hex(vif.flags, 5).toUpperCase()}`, vif];
  }
}

/** Linux: ipmr_vif_seq_show() */
export const ipMrVif: ProcNetView = {
  path: 'ip_mr_vif',
  text({ ipv4 }) {
    const { tables } = ipv4.multicastRouting;
    let text = 'Interface      BytesIn  PktsIn  BytesOut PktsOut Flags Local    Remote\n';
    for (const [line, { local, remote }] of vifs(tables.obtain(tables.defaultTable)))
      text += `${line} ${hex(local, 8).toUpperCase()} ${hex(remote, 8).toUpperCase()}\n`;
    return text;
  },
};

/** Linux: ip6mr_vif_seq_show() */
export const ip6MrVif: ProcNetView = {
  path: 'ip6_mr_vif',
  text({ ipv6 }) {
    const { tables } = ipv6.multicastRouting;
    let text = 'Interface      BytesIn  PktsIn  BytesOut PktsOut Flags\n';
    for (const [line] of vifs(tables.obtain(tables.defaultTable))) text += `${line}\n`;
    return text;
  },
};

/** Entry and numbers: of those that wait for the daemon, none. */
function counters<A>(table: MrTable<A>, entry: MfcEntry<A>): string {
  if (!entry.resolved) return ` ${'0'.padStart(8)} ${'0'.padStart(8)} ${'0'.padStart(8)}\n`;
  let text = ` ${String(entry.packets).padStart(8)} ${String(entry.bytes).padStart(8)} ${String(entry.wrongIf).padStart(8)}`;
  for (let i = entry.minVif; i < entry.maxVif; i++)
    if (table.vifs[i] !== null && entry.ttls[i]! < NO_FORWARD) text += `  ${`${i}:${String(entry.ttls[i]).padEnd(3)}`}`;
  return `${text}\n`;
}

const parent = <A>(entry: MfcEntry<A>): string => String(entry.resolved ? entry.parent : -1).padEnd(3);

/** Linux: ipmr_mfc_seq_show() */
export const ipMrCache: ProcNetView = {
  path: 'ip_mr_cache',
  text({ ipv4 }) {
    const { tables } = ipv4.multicastRouting;
    const table = tables.obtain(tables.defaultTable);
    let text = 'Group    Origin   Iif     Pkts    Bytes    Wrong Oifs\n';
    for (const entry of [...table.entries, ...table.unresolved])
      text += `${swapped(entry.group)} ${swapped(entry.origin)} ${parent(entry)}${counters(table, entry)}`;
    return text;
  },
};

const colons = (address: In6): string => hexBytes(addressToBytes(address)).replace(/(.{4})(?=.)/g, '$1:');

/** Linux: ipmr_mfc_seq_show() of ip6mr.c */
export const ip6MrCache: ProcNetView = {
  path: 'ip6_mr_cache',
  text({ ipv6 }) {
    const { tables } = ipv6.multicastRouting;
    const table = tables.obtain(tables.defaultTable);
    let text = 'Group                            Origin                           Iif      Pkts  Bytes     Wrong  Oifs\n';
    for (const entry of [...table.entries, ...table.unresolved])
      text += `${colons(entry.group)} ${colons(entry.origin)} ${parent(entry)}${counters(table, entry)}`;
    return text;
  },
};
