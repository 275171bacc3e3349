import type { CallDescriptor } from './call-table.js';
import { connectionCalls } from './connection-calls.js';
import { ioctlCalls } from './ioctl-calls.js';
import { messageCalls } from './message-calls.js';
import { mapCalls } from './map-calls.js';
import { namespaceCalls } from './namespace-calls.js';
import { optionCalls } from './option-calls.js';
import { pathCalls } from './path-calls.js';
import { refusedCalls } from './refused-calls.js';
import { socketCalls } from './socket-calls.js';
import { writeCalls } from './write-calls.js';

/** The calls that are not the kernel's own affair, a file a group. */
const groups: readonly (readonly CallDescriptor[])[] = [
  socketCalls,
  connectionCalls,
  messageCalls,
  optionCalls,
  ioctlCalls,
  mapCalls,
  namespaceCalls,
  pathCalls,
  writeCalls,
  refusedCalls,
];

export const callTable: readonly CallDescriptor[] = groups.flat();
