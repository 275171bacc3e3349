import type { Deferred } from '../../../netlink/schema.js';
import type { Cursor } from '../../shared/cursor.js';
import type { IpContext } from '../context.js';

/** One kind of encapsulation of routes, as `encap NAME ...` says it and as routes show it. */
export interface EncapPart {
  readonly name: string;
  /** LWTUNNEL_ENCAP_* */
  readonly type: number;
  /** Reads its words; the cursor ends behind the last of them. */
  parse(context: IpContext, cursor: Cursor): Deferred;
  /** Null: nobody sends what it would show. */
  readonly print: ((context: IpContext, encap: Deferred) => void) | null;
}
