import type { RandomSource } from '../base/random.js';
import type { Command } from '../client/command.js';
import type { Transport } from '../client/transport.js';
import type { Credentials } from '../control/netlink-socket.js';
import type { NetDevice } from '../net/core/device.js';
import { DropReason, dropReasonName } from '../net/core/drop-reason.js';
import type { Namespace } from '../net/core/namespace.js';
import type { Stack } from '../net/core/stack.js';
import { type AssembledStack, assembleStack } from './assemble.js';
import { InMemoryTransport } from './in-memory-transport.js';
import { MemoryFiles } from './memory-files.js';
import { type ShellResult, ShellRun } from './shell/run.js';
import type { InstanceTime } from './time.js';

export interface InstanceOptions {
  readonly time: InstanceTime;
  readonly random: RandomSource;
  readonly debugPool?: boolean;
  /** Our commands by name. */
  command(name: string): Promise<Command | undefined>;
  readonly variables?: Readonly<Record<string, string | undefined>>;
}

/** Root of the process that it lives in. */
const OWNER: Credentials = { uid: 0, gid: 0, pid: 0, netAdmin: true };

/** A frame that passed a device. */
export interface CapturedFrame {
  readonly atUs: number;
  readonly outgoing: boolean;
  readonly bytes: Uint8Array;
}

/** A whole tapstack inside this process: stack, control servers, commands. */
export class Instance {
  readonly time: InstanceTime;
  readonly files = new MemoryFiles();
  readonly #options: InstanceOptions;
  readonly #assembled: AssembledStack;
  #closed = false;

  constructor(options: InstanceOptions) {
    this.#options = options;
    this.time = options.time;
    this.#assembled = assembleStack({
      clock: options.time.clock,
      random: options.random,
      ...(options.debugPool === undefined ? {} : { debugPool: options.debugPool }),
    });
    options.time.drive(this.stack);
  }

  get stack(): Stack {
    return this.#assembled.stack;
  }

  /** A namespace by its name; without one, the initial. Throws for an unknown name. */
  namespace(name?: string): Namespace {
    const namespace = this.#assembled.names.resolve(name);
    if (namespace === undefined) throw new Error(`no namespace is called "${name}"`);
    return namespace;
  }

  /** The way to this stack for clients: as root, in a namespace by its id. */
  transport(namespace?: number, credentials: Credentials = OWNER): Transport {
    return new InMemoryTransport(this.#assembled.netlink, this.time, credentials, namespace);
  }

  /** Runs a script to its end. Under virtual time the clock jumps whenever all of it waits. */
  sh(script: string): Promise<ShellResult> {
    return this.time.awaiting(this.start(script).done);
  }

  /** Starts a script that goes on beside others (`ip monitor`): its waiting alone moves no clock. */
  start(script: string): ShellRun {
    if (this.#closed) throw new Error('the instance is closed');
    return new ShellRun(script, {
      command: (name) => this.#options.command(name),
      transport: (variables) => {
        const id = variables['TAPSTACK_NETNS'];
        return Promise.resolve(this.transport(id === undefined ? undefined : Number(id)));
      },
      time: this.time,
      files: this.files,
      variables: { ...this.#options.variables },
    });
  }

  /** A device by its name, in the initial namespace or a named one. */
  device(name: string, namespace?: string): NetDevice {
    const device = this.namespace(namespace).deviceByName(name);
    if (device === undefined) throw new Error(`no device is called "${name}"`);
    return device;
  }

  /** Lets a frame, Ethernet header first, come in by a device, as if its wire had brought it. */
  inject(device: NetDevice, frame: Uint8Array): void {
    this.stack.refreshClock();
    const skb = this.stack.pool.allocate(frame.length);
    if (skb === null) throw new Error('the packet pool is at its limit');
    skb.bytes.set(frame, skb.put(frame.length));
    skb.device = device;
    device.parseHeader(skb);
    if (!this.stack.enqueue(skb)) this.stack.drop(skb, DropReason.CPU_BACKLOG);
    this.time.kick();
  }

  /** Copies the frames that pass a device into the list returned, until `stop` is called. */
  capture(device: NetDevice): { readonly frames: readonly CapturedFrame[]; stop(): void } {
    const frames: CapturedFrame[] = [];
    const tap = (skb: { bytes: Uint8Array; data: number; tail: number; macHeader: number }, _device: NetDevice, outgoing: boolean) => {
      const start = skb.macHeader >= 0 && skb.macHeader < skb.data ? skb.macHeader : skb.data;
      frames.push({ atUs: this.stack.nowUs, outgoing, bytes: skb.bytes.slice(start, skb.tail) });
    };
    device.taps = [...device.taps, tap];
    return {
      frames,
      stop: () => {
        device.taps = device.taps.filter((other) => other !== tap);
      },
    };
  }

  /** How many packets were dropped, by reason (Linux's SKB_DROP_REASON names). */
  drops(): Readonly<Record<string, number>> {
    const drops: Record<string, number> = {};
    this.stack.drops.forEach((count, reason) => {
      if (count > 0) drops[dropReasonName(reason)] = count;
    });
    return drops;
  }

  close(): void {
    this.#closed = true;
    this.time.stop();
  }
}
