import {
  IPVLAN_F_PRIVATE,
  IPVLAN_F_VEPA,
  IPVLAN_MODE_L2,
  IPVLAN_MODE_L3,
  IPVLAN_MODE_L3S,
  type IpvlanData,
  ipvlanData,
} from '../../../../netlink/rtnl/link/ipvlan.js';
import { Deferred } from '../../../../netlink/schema.js';
import { abbreviates } from '../../../shared/cursor.js';
import { CommandFailure } from '../../../shared/failure.js';
import type { LinkKindPart } from './kind.js';
import type { Writable } from './words.js';

const usageOf = (kind: string) => `Usage: ... ${kind} [ mode MODE ] [ FLAGS ]

MODE: l3 | l3s | l2
FLAGS: bridge | private | vepa
(first values are the defaults if nothing is specified).`;

const modes: ReadonlyMap<string, number> = new Map([
  ['l2', IPVLAN_MODE_L2],
  ['l3', IPVLAN_MODE_L3],
  ['l3s', IPVLAN_MODE_L3S],
]);

const flags: readonly (readonly [name: string, flags: number])[] = [
  ['private', IPVLAN_F_PRIVATE],
  ['vepa', IPVLAN_F_VEPA],
  ['bridge', 0],
];

function part(kind: string): LinkKindPart {
  const usage = usageOf(kind);
  return {
    kind,
    usage,
    async parse(_context, cursor) {
      const values: Writable<IpvlanData> = {};
      while (!cursor.done) {
        const word = cursor.next();
        // Of the flags only one may be given.
        const flag = values.flags === undefined ? flags.find(([name]) => abbreviates(word, name)) : undefined;
        if (abbreviates(word, 'mode')) {
          const mode = modes.get(cursor.next());
          if (mode === undefined) throw new CommandFailure(1, 'Error: argument of "mode" must be either "l2", "l3" or "l3s"\n');
          values.mode = mode;
        } else if (flag !== undefined) values.flags = flag[1];
        else if (abbreviates(word, 'help')) throw new CommandFailure(1, `${usage}\n`);
        else throw new CommandFailure(1, `${kind}: unknown option "${word}"?\n${usage}\n`);
      }
      // iproute2 sends them always: a mode alone makes it a bridge again.
      values.flags ??= 0;
      return Deferred.of(ipvlanData, values);
    },
    print({ out }, deferred) {
      const data = deferred?.parse(ipvlanData);
      if (data?.mode !== undefined) {
        const mode = [...modes].find(([, number]) => number === data.mode)?.[0] ?? 'unknown';
        out.field('mode', mode, ` mode ${mode} `);
      }
      if (data?.flags === undefined) return;
      const name = (data.flags & IPVLAN_F_PRIVATE) !== 0 ? 'private' : (data.flags & IPVLAN_F_VEPA) !== 0 ? 'vepa' : 'bridge';
      out.field(name, true, `${name} `);
    },
  };
}

/** A device with IP addresses of its own that shares the link-layer address of another. */
export const ipvlan = part('ipvlan');

/** The same, for a program that reads it. */
export const ipvtap = part('ipvtap');
