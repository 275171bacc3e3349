// PIM version 1, which travels as IGMP.
import type { Dissector } from '../dissector.js';
import { relativeTime } from '../words.js';

export function pim1(d: Dissector, at: number, length: number): void {
  d.protocol = 'pimv1';
  const type = d.u8(at + 1);
  const verbose = d.options.verbose > 0;
  switch (type) {
    case 0: {
      d.put(' Query');
      if (d.has(at + 8, 2)) {
        const mode = d.u8(at + 8) >>> 4;
        const words = ['-dense', '-sparse', '-sparse-dense'];
        d.put(words[mode] === undefined ? ` mode-${mode}` : words[mode]);
      }
      if (verbose) {
        d.put(' (Hold-time ');
        d.put(`${relativeTime(d.be16(at + 10))})`);
      }
      break;
    }
    case 1:
      d.put(' Register');
      d.need(at + 8, 20);
      d.put(` for ${d.ip(at + 20)} > ${d.ip(at + 24)}`);
      break;
    case 2:
      d.put(` Register-Stop for ${d.ip(at + 8)} > ${d.ip(at + 12)}`);
      break;
    case 3:
    case 6:
    case 7:
      d.put(type === 3 ? ' Join/Prune' : type === 6 ? ' Graft' : ' Graft-ACK');
      if (verbose) joinPrune(d, at + 8, length - 8);
      break;
    case 4:
      d.put(' RP-reachable');
      if (verbose) {
        d.put(` group ${d.ip(at + 8)}`);
        if (d.be32(at + 12) !== 0xffffffff) d.put(`/${d.ip(at + 12)}`);
        d.put(` RP ${d.ip(at + 16)} hold ${relativeTime(d.be16(at + 22))}`);
      }
      break;
    case 5:
      d.put(` Assert for ${d.ip(at + 16)} > ${d.ip(at + 8)}`);
      if (d.be32(at + 12) !== 0xffffffff) d.put(`/${d.ip(at + 12)}`);
      d.put(` ${(d.u8(at + 20) & 0x80) !== 0 ? 'RP-tree' : 'SPT'} pref ${d.be32(at + 20) & 0x7fffffff} metric ${d.be32(at + 24)}`);
      break;
    default:
      d.put(` [type ${type}]`);
  }
  const version = d.u8(at + 4) >>> 4;
  if (version !== 1) d.put(` [v${version}]`);
}

function joinPrune(d: Dissector, at: number, length: number): void {
  if (length < 12) return d.truncated();
  d.put(` Upstream Nbr: ${d.ip(at)}`);
  d.put(` Hold time: ${relativeTime(d.be16(at + 6))}`);
}
