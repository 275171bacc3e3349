import { connectionCalls } from './connections.js';
import { dataCalls } from './data.js';
import type { CallHandler } from './machine.js';
import { optionCalls } from './options.js';
import { pollingCalls } from './polling.js';

/** The system calls that a script may make. */
export const calls: ReadonlyMap<string, CallHandler> = new Map([...connectionCalls, ...dataCalls, ...optionCalls, ...pollingCalls]);
