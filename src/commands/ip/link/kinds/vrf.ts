import { type VrfData, vrfData, vrfPortData } from '../../../../netlink/rtnl/link/vrf.js';
import { Deferred } from '../../../../netlink/schema.js';
import { abbreviates } from '../../../shared/cursor.js';
import { CommandFailure, invalidArgument } from '../../../shared/failure.js';
import type { LinkKindPart } from './kind.js';
import type { Writable } from './words.js';

const usage = 'Usage: ... vrf table TABLEID';

/** A routing domain with a table of its own. */
export const vrf: LinkKindPart = {
  kind: 'vrf',
  usage,
  async parse(context, cursor) {
    const values: Writable<VrfData> = {};
    await context.names.load('rt_tables');
    while (!cursor.done) {
      const word = cursor.next();
      if (abbreviates(word, 'table')) {
        const name = cursor.next();
        const table = context.names.parse('rt_tables', name);
        if (table === null) throw invalidArgument('invalid table ID\n', name);
        values.table = table;
      } else if (abbreviates(word, 'help')) throw new CommandFailure(1, `${usage}\n`);
      else throw new CommandFailure(1, `vrf: unknown option "${word}"?\n${usage}\n`);
    }
    return Deferred.of(vrfData, values);
  },
  print({ out }, data) {
    const table = data?.parse(vrfData).table;
    if (table !== undefined) out.field('table', table, `table ${table} `);
  },
};

/** What a member of a VRF shows; nothing of it can be set. */
export const vrfSlave: LinkKindPart = {
  kind: 'vrf_slave',
  async parse(_context, cursor) {
    // iproute2 passes over whatever is said.
    cursor.rest();
    return Deferred.of(vrfPortData, {});
  },
  print({ out }, data) {
    const table = data?.parse(vrfPortData).table;
    if (table !== undefined) out.field('table', table, `table ${table} `);
  },
};
