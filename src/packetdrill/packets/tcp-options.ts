import * as tcp from '../../wire/tcp.js';
import type { TcpOption } from '../language/ast.js';

/** Of Fast Open in the experimental option, RFC 6994. */
const FAST_OPEN_MAGIC = 0xf989;
const KINDS: Readonly<Record<TcpOption['kind'], number>> = {
  nop: tcp.OPTION_NOP,
  eol: tcp.OPTION_END,
  sackOk: tcp.OPTION_SACK_PERMITTED,
  mss: tcp.OPTION_MSS,
  wscale: tcp.OPTION_WINDOW_SCALE,
  timestamps: tcp.OPTION_TIMESTAMPS,
  sack: tcp.OPTION_SACK,
  accurateEcn0: tcp.OPTION_ACCURATE_ECN0,
  accurateEcn1: tcp.OPTION_ACCURATE_ECN1,
  md5: tcp.OPTION_MD5,
  fastOpen: tcp.OPTION_FAST_OPEN,
  fastOpenExperimental: tcp.OPTION_EXPERIMENTAL,
};

/** Names of the counters of either option, in their order on the wire (RFC 9768 3.2.3, figure 5). */
export const accurateEcnCounters = { accurateEcn0: ['e0b', 'ceb', 'e1b'], accurateEcn1: ['e1b', 'ceb', 'e0b'] } as const;

/** Bytes of an option on the wire. */
export function optionBytes(option: TcpOption): number {
  switch (option.kind) {
    case 'nop':
    case 'eol':
      return 1;
    case 'sackOk':
      return tcp.OPTION_SACK_PERMITTED_BYTES;
    case 'mss':
      return tcp.OPTION_MSS_BYTES;
    case 'wscale':
      return tcp.OPTION_WINDOW_SCALE_BYTES;
    case 'timestamps':
      return tcp.OPTION_TIMESTAMPS_BYTES;
    case 'sack':
      return 2 + 8 * option.blocks.length;
    case 'accurateEcn0':
    case 'accurateEcn1':
      return 2 + 3 * option.counters.length;
    case 'fastOpenExperimental':
      return 4 + option.bytes.length;
    default:
      return 2 + option.bytes.length;
  }
}

export const optionsBytes = (options: readonly TcpOption[]): number => options.reduce((sum, option) => sum + optionBytes(option), 0);

/** Writes options one behind the other. */
export function writeOptions(v: DataView, start: number, options: readonly TcpOption[]): void {
  let at = start;
  for (const option of options) {
    const bytes = optionBytes(option);
    v.setUint8(at, KINDS[option.kind]);
    if (bytes > 1) v.setUint8(at + 1, bytes);
    if (option.kind === 'mss') v.setUint16(at + 2, option.value);
    else if (option.kind === 'wscale') v.setUint8(at + 2, option.value);
    else if (option.kind === 'timestamps') {
      v.setUint32(at + 2, option.value);
      v.setUint32(at + 6, option.echo);
    } else if (option.kind === 'sack') {
      option.blocks.forEach(([left, right], i) => {
        v.setUint32(at + 2 + 8 * i, left);
        v.setUint32(at + 6 + 8 * i, right);
      });
    } else if ('counters' in option) {
      option.counters.forEach((counter, i) => {
        v.setUint8(at + 2 + 3 * i, counter >>> 16);
        v.setUint16(at + 3 + 3 * i, counter & 0xffff);
      });
    } else if ('bytes' in option) {
      const body = option.kind === 'fastOpenExperimental' ? 4 : 2;
      if (body === 4) v.setUint16(at + 2, FAST_OPEN_MAGIC);
      for (const [i, byte] of option.bytes.entries()) v.setUint8(at + body + i, byte);
    }
    at += bytes;
  }
}

/** Options of a header from `start` to `end`; null: they are malformed. */
export function readOptions(v: DataView, start: number, end: number): readonly TcpOption[] | null {
  const options: TcpOption[] = [];
  let at = start;
  while (at < end) {
    const kind = v.getUint8(at);
    if (kind === tcp.OPTION_NOP || kind === tcp.OPTION_END) {
      options.push({ kind: kind === tcp.OPTION_NOP ? 'nop' : 'eol' });
      at++;
      continue;
    }
    const bytes = at + 1 < end ? v.getUint8(at + 1) : 0;
    if (bytes < 2 || at + bytes > end) return null;
    const option = readOption(v, at, kind, bytes);
    if (option === null) return null;
    options.push(option);
    at += bytes;
  }
  return options;
}

function readOption(v: DataView, at: number, kind: number, bytes: number): TcpOption | null {
  const body = (from: number) => Uint8Array.from({ length: bytes - from }, (_, i) => v.getUint8(at + from + i));
  switch (kind) {
    case tcp.OPTION_MSS:
      return bytes === 4 ? { kind: 'mss', value: v.getUint16(at + 2) } : null;
    case tcp.OPTION_WINDOW_SCALE:
      return bytes === 3 ? { kind: 'wscale', value: v.getUint8(at + 2) } : null;
    case tcp.OPTION_SACK_PERMITTED:
      return { kind: 'sackOk' };
    case tcp.OPTION_TIMESTAMPS:
      return bytes === 10 ? { kind: 'timestamps', value: v.getUint32(at + 2), echo: v.getUint32(at + 6) } : null;
    case tcp.OPTION_SACK:
      return {
        kind: 'sack',
        blocks: Array.from({ length: (bytes - 2) >> 3 }, (_, i) => [v.getUint32(at + 2 + 8 * i), v.getUint32(at + 6 + 8 * i)] as const),
      };
    case tcp.OPTION_ACCURATE_ECN0:
    case tcp.OPTION_ACCURATE_ECN1:
      if ((bytes - 2) % 3 !== 0 || bytes > 11) return null;
      return {
        kind: kind === tcp.OPTION_ACCURATE_ECN0 ? 'accurateEcn0' : 'accurateEcn1',
        counters: Array.from({ length: (bytes - 2) / 3 }, (_, i) => (v.getUint8(at + 2 + 3 * i) << 16) | v.getUint16(at + 3 + 3 * i)),
      };
    case tcp.OPTION_MD5:
      return { kind: 'md5', bytes: body(2) };
    case tcp.OPTION_FAST_OPEN:
      return { kind: 'fastOpen', bytes: body(2) };
    case tcp.OPTION_EXPERIMENTAL:
      return bytes >= 4 && v.getUint16(at + 2) === FAST_OPEN_MAGIC ? { kind: 'fastOpenExperimental', bytes: body(4) } : null;
    default:
      return null;
  }
}

const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** As a script writes it. */
export function optionText(option: TcpOption): string {
  switch (option.kind) {
    case 'nop':
    case 'eol':
      return option.kind;
    case 'sackOk':
      return 'sackOK';
    case 'mss':
    case 'wscale':
      return `${option.kind} ${option.value}`;
    case 'timestamps':
      return `TS val ${option.value} ecr ${option.echo}`;
    case 'sack':
      return `sack ${option.blocks.map(([left, right]) => `${left}:${right}`).join(' ')}`;
    case 'accurateEcn0':
    case 'accurateEcn1':
      return ['ECN', ...option.counters.map((counter, i) => `${accurateEcnCounters[option.kind][i]} ${counter}`)].join(' ');
    case 'md5':
      return `md5 ${hex(option.bytes)}`;
    case 'fastOpen':
      return option.bytes.length === 0 ? 'FO' : `FO ${hex(option.bytes)}`;
    default:
      return option.bytes.length === 0 ? 'FOEXP' : `FOEXP ${hex(option.bytes)}`;
  }
}
