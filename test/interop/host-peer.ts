import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { busTransportAt } from '../../src/client/bus.js';
import { type Net, netOf } from '../../src/library/net.js';
import { BIN, Lab, type Result } from './daemon-support.js';

/** Why the host's kernel cannot be the peer here; empty: it can. */
function obstacle(): string {
  if (process.geteuid!() !== 0) return 'it wants root';
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
  } catch {
    return '/dev/net/tun is not there or may not be opened';
  }
  return '';
}

const missing = obstacle();
if (missing !== '' && !process.env['CI']) process.stderr.write(`Left out: interop with the host's kernel over a TAP, ${missing}.\n`);

/** In CI nothing is left out: what is missing there makes the tests fail. */
export const describePeer = missing === '' || process.env['CI'] ? describe : describe.skip;

export function real(program: string, ...words: readonly string[]): string {
  return execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** What a command printed; throws with all of it where it failed. */
export function succeeded({ status, stdout, stderr }: Result): string {
  if (status !== 0) throw new Error(`status ${status}: ${stderr}${stdout}`);
  return stdout;
}

let made = 0;

/** An instance, and a namespace of the host's kernel with wires between them: NIC eth0 leads to tap0 there, eth1 to tap1, ... */
export class HostPeer {
  readonly lab = new Lab();
  readonly namespace = `tspeer${process.pid}n${made++}`;
  readonly #namespaces: string[] = [];

  /** `faults`: of each wire, as --nic has them. */
  async open(wires: number, faults = ''): Promise<void> {
    if (missing !== '') throw new Error(`CI has to run these tests, but ${missing}`);
    this.addNamespace(this.namespace);
    const nics = Array.from(
      { length: wires },
      (_, at) => `eth${at},tap=tap${at},mac=02:00:00:00:0a:0${at},netns=/run/netns/${this.namespace}`,
    );
    const words = nics.flatMap((nic) => ['--nic', faults === '' ? nic : `${nic},${faults}`]);
    succeeded(await this.lab.tapstack('up', '--name', 'peer', ...words));
    this.lab.variables['TAPSTACK_INSTANCE'] = 'peer';
  }

  /** One more namespace of the host's kernel, which goes with this peer. */
  addNamespace(name: string): string {
    real('ip', 'netns', 'add', name);
    this.#namespaces.push(name);
    return name;
  }

  /** One of our commands, in the stack. */
  start(command: string, ...words: readonly string[]): Promise<Result> {
    return this.lab.start([join(BIN, command), ...words]).done;
  }

  /** What it printed; throws where it fails. */
  async ours(command: string, ...words: readonly string[]): Promise<string> {
    return succeeded(await this.start(command, ...words));
  }

  /** Lines of our `ip`, in one batch, in a namespace of the stack. */
  async configure(lines: string, namespace?: string): Promise<void> {
    succeeded(await this.lab.start([join(BIN, 'ip'), ...(namespace === undefined ? [] : ['-n', namespace]), '-batch', '-'], lines).done);
  }

  /** Lines of the real `ip` in the host's namespace. */
  configureHost(lines: string, namespace = this.namespace): void {
    execFileSync('ip', ['-n', namespace, '-batch', '-'], { input: lines, stdio: ['pipe', 'pipe', 'pipe'] });
  }

  /** The real `ip` in the host's namespace. */
  host(...words: readonly string[]): string {
    return real('ip', '-n', this.namespace, ...words);
  }

  /** A program of the host, in the namespace at the other end. */
  inside(...argv: readonly string[]): Promise<Result> {
    return this.lab.start(this.argvInside(...argv)).done;
  }

  argvInside(...argv: readonly string[]): readonly string[] {
    return ['ip', 'netns', 'exec', this.namespace, ...argv];
  }

  /** Sets a setting of the host's namespace, by its path under /proc/sys. */
  set(path: string, value: string, namespace = this.namespace): void {
    real('ip', 'netns', 'exec', namespace, 'sh', '-c', 'echo "$1" >"/proc/sys/$0"', path, value);
  }

  /** Sockets of the stack, in a namespace of it. */
  net(namespace?: string): Net {
    return netOf(busTransportAt(this.lab.socketOf('peer')), namespace === undefined ? {} : { namespace });
  }

  async close(): Promise<void> {
    delete this.lab.variables['TAPSTACK_INSTANCE'];
    try {
      await this.lab.close();
    } finally {
      for (const name of this.#namespaces) execFileSync('sh', ['-c', 'ip netns pids "$0" | xargs -r kill -9; ip netns del "$0"', name]);
    }
  }
}

/** Until `condition` holds; between two looks it rests for a moment, since the host's kernel tells nobody when it has settled. */
export async function eventually(condition: () => Promise<boolean> | boolean, limitMs = 20_000): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not so within ${limitMs} ms: ${condition.toString()}`);
    await new Promise((done) => setTimeout(done, 100));
  }
}
