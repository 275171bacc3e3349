// 802.1's TLVs of LLDP for data centres: congestion notification, ETS, PFC, application priority (802.1Q), EVB and CDCP (802.1Qbg).
import type { Dissector } from '../dissector.js';
import { type Words, word } from '../words.js';

const modeWords: Words = { 0: 'Not Supported', 1: 'EVB Bridge', 2: 'EVB Station', 3: 'Reserved for future Standardization' };
const column = (value: number) => String(value).padEnd(3);

/** Values below the numbers of priorities or classes. */
function row(d: Dissector, title: string, values: readonly number[]): void {
  d.put(`\n\t     ${title}: ${values.map(column).join(' ')}`);
}

const eight = [0, 1, 2, 3, 4, 5, 6, 7];

function priorities(d: Dissector, at: number): void {
  d.put('\n\t    Priority Assignment Table');
  d.put('\n\t     Priority : 0   1   2   3   4   5   6   7');
  row(
    d,
    'Value    ',
    eight.map((i) => (i % 2 === 0 ? d.u8(at + (i >> 1)) >>> 4 : d.u8(at + (i >> 1)) & 0xf)),
  );
}

function bandwidths(d: Dissector, at: number): void {
  d.put('\n\t    TC Bandwidth Table');
  d.put('\n\t     TC%   : 0   1   2   3   4   5   6   7');
  row(
    d,
    'Value ',
    eight.map((i) => d.u8(at + i)),
  );
}

function selections(d: Dissector, at: number): void {
  d.put('\n\t    TSA Assignment Table');
  d.put('\n\t     Traffic Class: 0   1   2   3   4   5   6   7');
  row(
    d,
    'Value        ',
    eight.map((i) => d.u8(at + i)),
  );
}

interface BridgingTlv {
  /** Length with the organisation and the subtype. */
  readonly least: number;
  print(d: Dissector, at: number, length: number): void;
}

/** By subtype; `at` is the organisation's first byte. */
export const bridgingTlvs: Readonly<Record<number, BridgingTlv>> = {
  8: {
    least: 6,
    print(d, at) {
      d.put('\n\t    Pre-Priority CNPV Indicator\n\t     Priority : 0  1  2  3  4  5  6  7\n\t     Value    : ');
      for (const i of eight) d.put(`${(d.u8(at + 4) >>> i) & 1}  `);
      d.put('\n\t    Pre-Priority Ready Indicator\n\t     Priority : 0  1  2  3  4  5  6  7\n\t     Value    : ');
      for (const i of eight) d.put(`${(d.u8(at + 5) >>> i) & 1}  `);
    },
  },
  9: {
    least: 25,
    print(d, at) {
      const first = d.u8(at + 4);
      d.put(`\n\t    Willing:${first >>> 7}, CBS:${first >>> 6}, RES:${(first >>> 3) & 7}, Max TCs:${first & 7}`);
      priorities(d, at + 5);
      bandwidths(d, at + 9);
      selections(d, at + 17);
    },
  },
  10: {
    least: 25,
    print(d, at) {
      d.put(`\n\t    RES: ${d.u8(at + 4)}`);
      priorities(d, at + 5);
      bandwidths(d, at + 9);
      selections(d, at + 17);
    },
  },
  11: {
    least: 6,
    print(d, at) {
      const first = d.u8(at + 4);
      d.put(`\n\t    Willing: ${first >>> 7}, MBC: ${(first >>> 6) & 1}, RES: ${(first >>> 4) & 3}, PFC cap:${first & 0xf} `);
      d.put('\n\t    PFC Enable\n\t     Priority : 0  1  2  3  4  5  6  7\n\t     Value    : ');
      const enabled = d.u8(at + 5);
      for (const i of eight) d.put(`${(enabled >>> i) & 1}  `);
    },
  },
  12: {
    least: 5,
    print(d, at, length) {
      d.put(`\n\t    RES: ${d.u8(at + 4)}`);
      if (length - 5 < 3) return;
      d.put('\n\t    Application Priority Table');
      for (let p = at + 5; p + 3 <= at + length; p += 3) {
        const first = d.u8(p);
        d.put(`\n\t      Priority: ${first >>> 5}, RES: ${(first >>> 3) & 3}, Sel: ${first & 7}, Protocol ID: ${d.be16(p + 1)}`);
      }
    },
  },
  13: {
    least: 9,
    print(d, at) {
      const bridge = d.u8(at + 4);
      d.put('\n\t    EVB Bridge Status');
      d.put(`\n\t      RES: ${bridge >>> 3}, BGID: ${(bridge >>> 2) & 1}, RRCAP: ${(bridge >>> 1) & 1}, RRCTR: ${bridge & 1}`);
      const station = d.u8(at + 5);
      d.put('\n\t    EVB Station Status');
      d.put(`\n\t      RES: ${station >>> 4}, SGID: ${(station >>> 3) & 1}, RRREQ: ${(station >>> 2) & 1},RRSTAT: ${station & 3}`);
      const retries = d.u8(at + 6);
      d.put(`\n\t    R: ${retries >>> 5}, RTE: ${retries & 0x1f}, `);
      const mode = d.u8(at + 7);
      d.put(`EVB Mode: ${word(modeWords, mode >>> 6, () => 'unknown')} [${mode >>> 6}]`);
      d.put(`\n\t    ROL: ${(mode >>> 5) & 1}, RWD: ${mode & 0x1f}, `);
      const alive = d.u8(at + 8);
      d.put(`RES: ${alive >>> 6}, ROL: ${(alive >>> 5) & 1}, RKA: ${alive & 0x1f}`);
    },
  },
  14: {
    least: 8,
    print(d, at, length) {
      const first = d.u8(at + 4);
      d.put(`\n\t    Role: ${first >>> 7}, RES: ${(first >>> 4) & 7}, Scomp: ${(first >>> 3) & 1} `);
      d.put(`ChnCap: ${d.be16(at + 6) & 0x0fff}`);
      for (let p = at + 8; p + 3 <= at + length; p += 3) {
        const pair = d.be24(p);
        d.put(`\n\t    SCID: ${pair >>> 12}, SVID: ${pair & 0xfff}`);
      }
    },
  },
};
