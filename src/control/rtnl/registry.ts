import { linkModule } from './link.js';
import { nsidModule } from './nsid.js';
import type { RtnetlinkModule } from './rtnetlink.js';

/** The parts of rtnetlink; a new one is one file and one line here. */
export const rtnetlinkModules: readonly RtnetlinkModule[] = [linkModule, nsidModule];
