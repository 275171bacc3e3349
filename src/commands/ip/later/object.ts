import { abbreviates, type Cursor } from '../../shared/cursor.js';
import { failure, fatal } from '../../shared/failure.js';
import type { IpContext } from '../context.js';
import type { IpObject } from '../object.js';

/** An object of iproute2 whose verbs come later. */
export interface LaterObject {
  readonly name: string;
  readonly usage: string;
}

/**
 * The object as it answers on a kernel without the module behind it: its usage, and for all else what `ask` fails with. Where a
 * kernel that has the module is driven, a line says that we have not got so far.
 */
export function laterObject({ name, usage }: LaterObject, ask: (context: IpContext, cursor: Cursor) => Promise<void>): IpObject {
  return {
    name,
    summary: 'not there yet',
    usage,
    description: [],
    anyWord: true,
    verbs: [],
    async withoutVerb(context, cursor) {
      if (cursor.done || abbreviates(cursor.peek(), 'help')) throw fatal(usage);
      await ask(context, cursor);
      throw failure(`tapstack: "ip ${name}" is not there yet`);
    },
  };
}
