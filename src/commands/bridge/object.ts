import type { Cursor } from '../shared/cursor.js';
import type { BridgeOptions } from './options.js';
import type { IpContext } from '../ip/context.js';

export interface BridgeVerb {
  readonly names: readonly string[];
  /** They may not be abbreviated. */
  readonly exact?: boolean;
  run(context: IpContext, cursor: Cursor, options: BridgeOptions, name: string): Promise<number>;
}

/** link, fdb, vlan, ... Without a verb it shows what there is. */
export interface BridgeObject {
  readonly name: string;
  readonly usage: string;
  readonly verbs: readonly BridgeVerb[];
  readonly withoutVerb: BridgeVerb['run'];
}
