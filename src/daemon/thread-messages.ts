import type { InstancePaths } from '../client/paths.js';
import type { NicSpecification } from '../client/instance-port.js';

/** What the main thread hands the stack's thread. */
export interface ThreadData {
  readonly name: string;
  readonly folder: string;
  readonly socket: string;
  readonly etc: string;
  readonly log: string;
  readonly private: boolean;
  readonly idleSeconds: number | null;
  readonly nics: readonly NicSpecification[];
  readonly ownerUid: number;
  readonly version: string;
  /** eventfd that wakes the thread; -1 without koffi, where messages do. */
  readonly wakeFd: number;
  /** Int32: [STOP] is 1 when the thread is to end. */
  readonly flags: SharedArrayBuffer;
}

export const STOP = 0;

/** What the stack's thread tells the main thread. It cannot hear messages itself while its own loop runs. */
export type ThreadMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'failed'; readonly text: string }
  /** A private instance has been claimed: by whom, who is not to be ended with it, and what its programs' tags have in common. */
  | { readonly type: 'held'; readonly folder: string; readonly launcher: number; readonly tags: readonly number[] }
  /** Programs that end with the instance in this folder. */
  | { readonly type: 'marks'; readonly folder: string; readonly paths: readonly string[] }
  /** An instance inside an instance came, and went: what it left running ends, and its folder goes. */
  | { readonly type: 'nested'; readonly paths: InstancePaths }
  | { readonly type: 'nested-ended'; readonly folder: string };
