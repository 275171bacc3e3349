// ATM behind SunATM headers, and SS7.
import * as bpf from '../../../bpf/instruction.js';
import { and, type Block, filterError, or } from './code.js';
import { fixed, type State } from './state.js';

const SUNATM = 123;
const DLT_ETHERNET = 1;
const VPI = 1;
const VCI = 2;
const DISCRIMINATOR = 0;
const PAYLOAD = 4;
const MESSAGE_TYPE = PAYLOAD + 5;

function requireAtm(state: State, name: string): void {
  if (state.target.linkType !== SUNATM) filterError(`'${name}' supported only on raw ATM`);
}

/** `vpi` and `vci` compared with a number. */
export function atmField(state: State, field: string, value: number, comparison: number, reversed: boolean): Block {
  requireAtm(state, field);
  return field === 'vpi'
    ? state.masked('link', VPI, bpf.B, 0xffffffff, comparison, reversed, value)
    : state.masked('link', VCI, bpf.H, 0xffffffff, comparison, reversed, value);
}

const vpi = (state: State, value: number) => state.equals('link', VPI, bpf.B, value);
const vci = (state: State, value: number) => state.equals('link', VCI, bpf.H, value);

function circuit(state: State, channel: number): Block {
  const path = vpi(state, 0);
  return and(path, vci(state, channel));
}

const channels: Readonly<Record<string, readonly [channel: number, name: string]>> = {
  metac: [1, 'metac'],
  bcc: [2, 'bcc'],
  oamf4sc: [3, 'oam4sc'],
  oamf4ec: [4, 'oam4ec'],
  sc: [5, 'sc'],
  ilmic: [16, 'ilmic'],
};

const SETUP = 0x05;
const CALL_PROCEEDING = 0x02;
const CONNECT = 0x07;
const CONNECT_ACK = 0x0f;
const RELEASE = 0x4d;
const RELEASE_DONE = 0x5a;

/** Keywords of ATM that stand alone. */
export function atmKeyword(state: State, keyword: string): Block {
  requireAtm(state, channels[keyword]?.[1] ?? keyword);
  switch (keyword) {
    case 'lane': {
      const block = state.equals('link', DISCRIMINATOR, bpf.B, 0x01, 0x0f);
      state.pushLink(DLT_ETHERNET, fixed(PAYLOAD + 2));
      state.type = fixed(state.link.constant + 12);
      state.payload = fixed(state.link.constant + 14);
      state.network = 0;
      state.networkWithoutSnap = 3;
      return block;
    }
    case 'oam':
    case 'oamf4': {
      const block = or(vci(state, 3), vci(state, 4));
      return and(vpi(state, 0), block);
    }
    case 'connectmsg':
      return signalling(state, [SETUP, CALL_PROCEEDING, CONNECT, CONNECT_ACK, RELEASE, RELEASE_DONE], 5);
    case 'metaconnect':
      return signalling(state, [SETUP, CALL_PROCEEDING, CONNECT, RELEASE, RELEASE_DONE], 1);
    default:
      return circuit(state, channels[keyword]![0]);
  }
}

function signalling(state: State, messages: readonly number[], channel: number): Block {
  const is = (message: number) => state.equals('link', MESSAGE_TYPE, bpf.B, message);
  const first = is(messages[0]!);
  let block = or(first, is(messages[1]!));
  for (const message of messages.slice(2)) block = or(is(message), block);
  return and(circuit(state, channel), block);
}

interface Mtp {
  readonly length: number;
  readonly highSpeedLength: number;
  readonly service: number;
  readonly pointCodes: number;
  readonly link: number;
}

/** Where MTP2's fields lie: bare, behind a pseudo-header, behind ERF's. */
const mtpOffsets: Readonly<Record<number, Mtp>> = {
  140: { length: 2, highSpeedLength: 4, service: 3, pointCodes: 4, link: 7 },
  139: { length: 6, highSpeedLength: 8, service: 7, pointCodes: 8, link: 11 },
  197: { length: 22, highSpeedLength: 24, service: 23, pointCodes: 24, link: 27 },
};

/** `fisu`, `lssu`, `msu`, and with an h those of high-speed links. */
export function mtpUnit(state: State, keyword: string): Block {
  const highSpeed = keyword.startsWith('h');
  const at = mtpOffsets[state.target.linkType];
  if (at === undefined || state.linkType !== state.target.linkType)
    return filterError(`'${keyword}' supported only on ${highSpeed ? 'MTP2_HSL' : 'MTP2'}`);
  const two = highSpeed ? 0x0100 : 2;
  const length = (comparison: number, reversed: boolean, value: number) =>
    highSpeed
      ? state.masked('packet', at.highSpeedLength, bpf.H, 0xff80, comparison, reversed, value)
      : state.masked('packet', at.length, bpf.B, 0x3f, comparison, reversed, value);
  switch (keyword.replace('h', '')) {
    case 'fisu':
      return length(bpf.JEQ, false, 0);
    case 'lssu': {
      const small = length(bpf.JGT, true, two);
      return and(length(bpf.JGT, false, 0), small);
    }
    default:
      return length(bpf.JGT, false, two);
  }
}

/** `sio`, `opc`, `dpc`, `sls`, and with an h those of high-speed links, compared with a number. */
export function mtpField(state: State, keyword: string, value: number, comparison: number, reversed: boolean): Block {
  const field = keyword.replace(/^h/, '');
  const further = keyword.startsWith('h') ? 3 : 0;
  const at = mtpOffsets[state.target.linkType];
  if (at === undefined) return filterError(`'${field}' supported only on SS7`);
  const limit = { sio: 255, opc: 16383, dpc: 16383, sls: 15 }[field]!;
  if (value > limit) filterError(`${field} value ${value} too big; max value = ${limit}`);
  const test = (offset: number, size: number, mask: number, inPlace: number) =>
    state.masked('packet', offset + further, size, mask, comparison, reversed, inPlace >>> 0);
  switch (field) {
    case 'sio':
      return test(at.service, bpf.B, 0xffffffff, value);
    case 'opc':
      return test(at.pointCodes, bpf.W, 0x00c0ff0f, ((value & 0x3c00) >>> 10) + ((value & 0x3fc) << 6) + ((value & 3) << 22));
    case 'dpc':
      return test(at.pointCodes, bpf.W, 0xff3f0000, ((value & 0xff) << 24) + ((value & 0x3f00) << 8));
    default:
      return test(at.link, bpf.B, 0xf0, value << 4);
  }
}
