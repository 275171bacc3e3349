import type { CallDescriptor } from './call-table.js';
import { connectionCalls } from './connection-calls.js';
import { messageCalls } from './message-calls.js';
import { optionCalls } from './option-calls.js';
import { refusedCalls } from './refused-calls.js';
import { socketCalls } from './socket-calls.js';

/** All system calls that are not the kernel's own affair. A group is a file. */
export const callTable: readonly CallDescriptor[] = [...socketCalls, ...connectionCalls, ...messageCalls, ...optionCalls, ...refusedCalls];
