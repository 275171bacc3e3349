import { familyObject } from './family.js';
import { laterUsages } from './usages.js';

// Each becomes a folder of its own when the stack has what is behind it.
export const l2tp = familyObject({ name: 'l2tp', family: 'l2tp', usage: laterUsages.l2tp });
export const fou = familyObject({ name: 'fou', family: 'fou', usage: laterUsages.fou });
export const ila = familyObject({ name: 'ila', family: 'ila', usage: laterUsages.ila });
export const macsec = familyObject({ name: 'macsec', family: 'macsec', usage: laterUsages.macsec });
export const mptcp = familyObject({ name: 'mptcp', family: 'mptcp_pm', usage: laterUsages.mptcp });
export const segmentRouting = familyObject({
  name: 'sr',
  family: 'SEG6',
  usage: laterUsages.sr,
  things: { hmac: ['show', 'set'], tunsrc: ['show', 'set'] },
});
export const ioam = familyObject({
  name: 'ioam',
  family: 'IOAM6',
  usage: laterUsages.ioam,
  things: { namespace: ['show', 'add', 'del', 'set'], schema: ['show', 'add', 'del'] },
  complaint: 'Unknown',
});
