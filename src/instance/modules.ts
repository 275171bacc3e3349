import { SysctlTree } from '../control/sysctl/sysctl.js';
import type { TapstackCommands } from '../control/tapstack/family.js';
import { netnsCommands } from '../control/tapstack/netns.js';
import { socketCommands } from '../control/tapstack/sockets.js';
import { sysctlCommands } from '../control/tapstack/sysctl.js';
import { loopbackModule } from '../drivers/loopback.js';
import type { NamespaceModule } from '../net/core/stack.js';

/** What every namespace is made of, in the order in which it gets it; the loopback comes last. */
export const namespaceModules: readonly NamespaceModule[] = [loopbackModule];

/** Commands of the `tapstack` family that every instance has. */
export const tapstackCommands: readonly TapstackCommands[] = [netnsCommands, sysctlCommands(new SysctlTree([])), () => socketCommands()];
