import type { VfInfo } from '../../../netlink/rtnl/link/vf.js';
import { abbreviates, type Cursor } from '../../shared/cursor.js';
import { failure, fatal, incomplete, invalidArgument } from '../../shared/failure.js';
import { parseLinkAddress } from '../../shared/link-layer.js';
import { parseUnsigned } from '../../shared/numbers.js';
import { onOffArgument } from './on-off.js';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const ETH_P_8021Q = 0x8100;
const ETH_P_8021AD = 0x88a8;
const linkStates: Readonly<Record<string, number>> = { auto: 0, enable: 1, disable: 2 };

function unsigned(word: string, complaint: string): number {
  const value = parseUnsigned(word);
  if (value === null) throw invalidArgument(`${complaint}\n`, word);
  return value;
}

/** A port's or node's name of eight bytes, "00:11:22:33:44:55:66:77". */
function guid(word: string): { readonly high: number; readonly low: number } {
  const parts = word.split(':');
  if (parts.length !== 8 || parts.some((part) => !/^[0-9a-f]{2}$/i.test(part))) throw invalidArgument('Invalid GUID format\n', word);
  const number = (from: number) => Number.parseInt(parts.slice(from, from + 4).join(''), 16);
  return { high: number(0), low: number(4) };
}

function readVlan(cursor: Cursor, vf: number): NonNullable<VfInfo['vlan']> & { proto: number } {
  const vlan = unsigned(cursor.next(), 'Invalid "vlan" value');
  let qos = 0;
  let proto = ETH_P_8021Q;
  if (cursor.peek() === 'qos') {
    cursor.skip();
    qos = unsigned(cursor.next(), 'Invalid "qos" value');
  }
  if (cursor.peek() === 'proto') {
    cursor.skip();
    const word = cursor.next();
    if (/^802\.1ad$/i.test(word)) proto = ETH_P_8021AD;
    else if (!/^802\.1q$/i.test(word)) throw invalidArgument('protocol is invalid\n', word);
  }
  return { vf, vlan, qos, proto };
}

/** `vf NUM` and what is to be set of that virtual function: words as long as they are its own. */
export function readVf(cursor: Cursor): VfInfo {
  const vf = unsigned(cursor.next(), 'Invalid "vf" value');
  if (cursor.done) throw incomplete();
  const info: Writable<VfInfo> = {};
  let most: number | undefined;
  let least: number | undefined;
  for (let known = true; known && !cursor.done; ) {
    const word = cursor.next();
    if (abbreviates(word, 'mac')) info.mac = { vf, address: parseLinkAddress(cursor.next()) };
    else if (abbreviates(word, 'vlan')) info.vlan = readVlan(cursor, vf);
    else if (abbreviates(word, 'rate')) info.txRate = { vf, rate: unsigned(cursor.next(), 'Invalid "rate" value') };
    else if (abbreviates(word, 'max_tx_rate')) most = unsigned(cursor.next(), 'Invalid "max tx rate" value');
    else if (abbreviates(word, 'min_tx_rate')) least = unsigned(cursor.next(), 'Invalid "min tx rate" value');
    else if (abbreviates(word, 'spoofchk')) info.spoofCheck = { vf, setting: onOffArgument('spoofchk', cursor.next()) ? 1 : 0 };
    else if (abbreviates(word, 'query_rss')) info.rssQuery = { vf, setting: onOffArgument('query_rss', cursor.next()) ? 1 : 0 };
    else if (abbreviates(word, 'trust')) info.trust = { vf, setting: onOffArgument('trust', cursor.next()) ? 1 : 0 };
    else if (abbreviates(word, 'state')) {
      const state = cursor.next();
      const name = Object.keys(linkStates).find((candidate) => abbreviates(state, candidate));
      if (name === undefined) throw invalidArgument('Invalid "state" value\n', state);
      info.linkState = { vf, linkState: linkStates[name]! };
    } else if (abbreviates(word, 'node_guid')) info.nodeGuid = { vf, ...guid(cursor.next()) };
    else if (abbreviates(word, 'port_guid')) info.portGuid = { vf, ...guid(cursor.next()) };
    else {
      cursor.back();
      known = false;
    }
  }
  if (Object.keys(info).length === 0 && most === undefined && least === undefined) throw incomplete();
  if (most !== undefined && least !== undefined && least > most)
    throw failure(`Invalid min_tx_rate ${least} - must be <= max_tx_rate ${most}`);
  if (most !== undefined || least !== undefined) {
    if (info.txRate !== undefined) throw fatal('"rate" and "max_tx_rate" or "min_tx_rate" cannot be set together');
    info.rate = { vf, min: least ?? 0, max: most ?? 0 };
  }
  return info;
}
