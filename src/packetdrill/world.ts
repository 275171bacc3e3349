import { SeededRandom } from '../base/random.js';
import type { VirtualClock } from '../base/clock.js';
import type { Command } from '../client/command.js';
import { sysctlGroups } from '../control/sysctl/registry.js';
import { SysctlTree } from '../control/sysctl/sysctl.js';
import { tcpSysctls } from '../control/sysctl/tcp.js';
import { Instance } from '../instance/instance.js';
import type { HostLoop } from '../instance/time.js';
import { VirtualTime } from '../instance/virtual-time.js';
import type { Namespace } from '../net/core/namespace.js';
import type { Stack } from '../net/core/stack.js';
import { type Config, formatAddress } from './config.js';
import { ScriptLink } from './link.js';

/** Rounds at one moment of the clock after which a stack is taken to turn in a circle. */
const ROUND_LIMIT = 100_000;

/** A stack with `tun0` and the addresses of the configuration, and the virtual time that moves only as the script wants. */
export class World {
  readonly instance: Instance;
  readonly link: ScriptLink;
  readonly sysctls = new SysctlTree([...sysctlGroups, tcpSysctls((namespace) => namespace.tcp.settings)]);
  readonly #time: VirtualTime;
  readonly #wake: (() => void) | null;

  constructor(config: Config, host: HostLoop, command: (name: string) => Promise<Command | undefined>) {
    this.#time = new VirtualTime(host);
    this.instance = new Instance({ time: this.#time, random: new SeededRandom(1), command });
    this.#wake = this.stack.onWork;
    this.link = new ScriptLink(this.stack, config.mtu);
  }

  get stack(): Stack {
    return this.instance.stack;
  }

  get namespace(): Namespace {
    return this.stack.initial;
  }

  get clock(): VirtualClock {
    return this.#time.clock;
  }

  get nowUs(): number {
    return this.clock.monotonicUs();
  }

  /** Gives tun0 its addresses and routes, as the machine under test would have them. */
  async configure(config: Config): Promise<void> {
    const local = formatAddress(config.local);
    const remote = formatAddress(config.remote);
    const v6 = config.local.length === 16;
    const lines = [
      v6 ? `ip -6 address add ${local}/${config.localPrefix} dev tun0 nodad` : `ip address add ${local}/${config.localPrefix} dev tun0`,
      'ip link set dev tun0 up',
      v6 ? `ip -6 route replace ${remote}/${config.remotePrefix} dev tun0` : `ip route replace ${prefix(config)} dev tun0`,
    ];
    for (const line of lines) {
      const { status, stderr } = await this.shell(() => this.instance.sh(line));
      if (status !== 0) throw new Error(`${line}: ${stderr.trim()}`);
    }
    this.settle();
    this.link.sent.length = 0;
  }

  /** Runs something that waits for the stack by promises; in between the runner polls by itself, so that nothing goes on behind it. */
  async shell<T>(work: () => Promise<T>): Promise<T> {
    this.stack.onWork = this.#wake;
    try {
      return await work();
    } finally {
      this.stack.onWork = null;
    }
  }

  /** Lets the stack do all that it can at this moment. */
  settle(): void {
    for (let rounds = 0; this.stack.poll(); rounds++) if (rounds > ROUND_LIMIT) throw new Error('the stack does not come to rest');
  }

  /** When the stack next does something by itself; Infinity: never. */
  get nextUs(): number {
    return this.stack.nextDeadlineUs();
  }

  moveTo(us: number): void {
    this.clock.moveTo(us);
  }

  close(): void {
    this.instance.close();
  }
}

/** The network that the peer is in. */
function prefix({ remote, remotePrefix }: Config): string {
  const bits = new DataView(remote.buffer, remote.byteOffset).getUint32(0);
  const masked = remotePrefix === 0 ? 0 : (bits & (-1 << (32 - remotePrefix))) >>> 0;
  return `${[24, 16, 8, 0].map((shift) => (masked >>> shift) & 0xff).join('.')}/${remotePrefix}`;
}
