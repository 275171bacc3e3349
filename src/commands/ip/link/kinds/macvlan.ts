import {
  MACVLAN_FLAG_NODST,
  MACVLAN_FLAG_NOPROMISC,
  MACVLAN_MACADDR_ADD,
  MACVLAN_MACADDR_DEL,
  MACVLAN_MACADDR_FLUSH,
  MACVLAN_MACADDR_SET,
  MACVLAN_MODE_BRIDGE,
  MACVLAN_MODE_PASSTHRU,
  MACVLAN_MODE_PRIVATE,
  MACVLAN_MODE_SOURCE,
  MACVLAN_MODE_VEPA,
  type MacvlanData,
  macvlanData,
} from '../../../../netlink/rtnl/link/macvlan.js';
import { formatMac } from '../../../../wire/mac-address.js';
import { Deferred } from '../../../../netlink/schema.js';
import { abbreviates, type Cursor } from '../../../shared/cursor.js';
import { CommandFailure } from '../../../shared/failure.js';
import { parseLinkAddress } from '../../../shared/link-layer.js';
import { parseUnsigned } from '../../../shared/numbers.js';
import type { LinkKindPart } from './kind.js';
import type { Writable } from './words.js';

const usageOf = (kind: string) => `Usage: ... ${kind} mode MODE [flag MODE_FLAG] MODE_OPTS [bcqueuelen BC_QUEUE_LEN]

MODE: private | vepa | bridge | passthru | source
MODE_FLAG: null | nopromisc | nodst
MODE_OPTS: for mode "source":
	macaddr { { add | del } <macaddr> | set [ <macaddr> [ <macaddr>  ... ] ] | flush }
BC_QUEUE_LEN: Length of the rx queue for broadcast/multicast: [0-4294967295]`;

const modes: readonly (readonly [mode: number, name: string])[] = [
  [MACVLAN_MODE_PRIVATE, 'private'],
  [MACVLAN_MODE_VEPA, 'vepa'],
  [MACVLAN_MODE_BRIDGE, 'bridge'],
  [MACVLAN_MODE_PASSTHRU, 'passthru'],
  [MACVLAN_MODE_SOURCE, 'source'],
];

const macaddrModes: ReadonlyMap<string, number> = new Map([
  ['add', MACVLAN_MACADDR_ADD],
  ['del', MACVLAN_MACADDR_DEL],
  ['set', MACVLAN_MACADDR_SET],
  ['flush', MACVLAN_MACADDR_FLUSH],
]);

type Values = Writable<MacvlanData>;

/** `macaddr { add | del } ADDRESS`, `macaddr set [ ADDRESS ... ]`, `macaddr flush` */
function takeMacaddr(values: Values, cursor: Cursor, usage: string): void {
  const mode = macaddrModes.get(cursor.next());
  if (mode === undefined) throw new CommandFailure(1, `${usage}\n`);
  values.macaddrMode = mode;
  if (mode === MACVLAN_MACADDR_ADD || mode === MACVLAN_MACADDR_DEL) values.macaddr = parseLinkAddress(cursor.next());
  else if (mode === MACVLAN_MACADDR_SET) {
    const addresses: Uint8Array[] = [];
    while (!cursor.done) addresses.push(parseLinkAddress(cursor.next()));
    if (addresses.length > 0) values.macaddrData = addresses;
  }
}

function modeOf(word: string): number {
  const mode = modes.find(([, name]) => name === word)?.[0];
  if (mode !== undefined) return mode;
  throw new CommandFailure(1, `Error: argument of "mode" must be "private", "vepa", "bridge", "passthru" or "source", not "${word}"\n`);
}

function queueLength(word: string): number {
  const length = parseUnsigned(word, 0xffff_ffff);
  if (length !== null) return length;
  throw new CommandFailure(1, `Error: argument of "bcqueuelen" must be a positive integer [0-4294967295], not "${word}"\n`);
}

function takeWord(values: Values, word: string, cursor: Cursor, kind: string, usage: string): void {
  const setFlag = (flag: number) => {
    values.flags = (values.flags ?? 0) | flag;
  };
  if (abbreviates(word, 'mode')) values.mode = modeOf(cursor.next());
  else if (abbreviates(word, 'flag')) {
    const name = cursor.next();
    if (name === 'nopromisc') setFlag(MACVLAN_FLAG_NOPROMISC);
    else if (name === 'nodst') setFlag(MACVLAN_FLAG_NODST);
    else if (name === 'null') setFlag(0);
    else throw new CommandFailure(1, `Error: argument of "flag" must be "nopromisc", "nodst" or "null", not "${name}"\n`);
  } else if (abbreviates(word, 'macaddr')) takeMacaddr(values, cursor, usage);
  else if (abbreviates(word, 'nopromisc')) setFlag(MACVLAN_FLAG_NOPROMISC);
  else if (abbreviates(word, 'nodst')) setFlag(MACVLAN_FLAG_NODST);
  else if (abbreviates(word, 'bcqueuelen')) values.bcQueueLen = queueLength(cursor.next());
  else if (abbreviates(word, 'help')) throw new CommandFailure(1, `${usage}\n`);
  else throw new CommandFailure(1, `${kind}: unknown option "${word}"?\n${usage}\n`);
}

function part(kind: string): LinkKindPart {
  const usage = usageOf(kind);
  return {
    kind,
    usage,
    async parse(_context, cursor) {
      const values: Values = {};
      while (!cursor.done) takeWord(values, cursor.next(), cursor, kind, usage);
      if (((values.flags ?? 0) & MACVLAN_FLAG_NOPROMISC) !== 0 && values.mode !== MACVLAN_MODE_PASSTHRU)
        throw new CommandFailure(1, `${kind}: nopromisc flag only valid in passthru mode\n${usage}\n`);
      return Deferred.of(macvlanData, values);
    },
    print({ out }, deferred) {
      const data = deferred?.parse(macvlanData);
      if (data?.mode === undefined) return;
      const mode = modes.find(([number]) => number === data.mode)?.[1] ?? 'unknown';
      out.field('mode', mode, `mode ${mode} `);
      if (((data.flags ?? 0) & MACVLAN_FLAG_NOPROMISC) !== 0) out.field('nopromisc', true, 'nopromisc ');
      if (((data.flags ?? 0) & MACVLAN_FLAG_NODST) !== 0) out.field('nodst', true, 'nodst ');
      if (data.bcQueueLen !== undefined) out.field('bcqueuelen', data.bcQueueLen, `bcqueuelen ${data.bcQueueLen} `);
      if (data.bcQueueLenUsed !== undefined) out.field('usedbcqueuelen', data.bcQueueLenUsed, `usedbcqueuelen ${data.bcQueueLenUsed} `);
      if (data.mode !== MACVLAN_MODE_SOURCE || data.macaddrCount === undefined) return;
      out.field('macaddr_count', data.macaddrCount, `remotes (${data.macaddrCount}) `);
      if (data.macaddrData === undefined) return;
      out.openArray('macaddr_data');
      for (const address of data.macaddrData) out.field(null, formatMac(address), `${formatMac(address)} `);
      out.closeArray();
    },
  };
}

/** A device with an address of its own upon another. */
export const macvlan = part('macvlan');

/** The same, for a program that reads it. */
export const macvtap = part('macvtap');
