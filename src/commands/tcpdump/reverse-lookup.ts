// Names of addresses by DNS: a stub resolver as resolv.conf(5) describes it, over UDP.
import { EINTR } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import type { CommandEnvironment, CommandIo } from '../../client/command.js';
import { type PacketSocket, SOCK_DGRAM, type SocketMaker, socketMaker } from '../../client/sockets.js';
import { AF_INET, AF_INET6 } from '../../netlink/constants.js';
import { pointerQuery, readPointerAnswer } from '../../wire/dns.js';
import { ipv4Bytes, parseIpv4 } from '../../wire/ipv4-address.js';
import { parseIpv6 } from '../../wire/ipv6-address.js';

const PORT = 53;
const LARGEST = 4096;
// resolv.h: MAXNS, RES_TIMEOUT, RES_MAXRETRANS, RES_DFLRETRY, RES_MAXRETRY.
const MAXIMUM_SERVERS = 3;
const TIMEOUT_S = 5;
const MAXIMUM_TIMEOUT_S = 30;
const ATTEMPTS = 2;
const MAXIMUM_ATTEMPTS = 5;
/** Servers that did not answer are left alone for so long, so that a capture does not stand still at each new address. */
const SILENCE_US = 60_000_000;

interface Resolver {
  readonly servers: readonly Uint8Array[];
  readonly timeoutUs: number;
  readonly attempts: number;
}

/** Asks the name servers of a namespace for the names of addresses. */
export class ReverseLookup {
  readonly #io: CommandIo;
  readonly #env: CommandEnvironment;
  readonly #stop = new AbortController();
  #resolver: Resolver | null = null;
  #sockets: SocketMaker | null = null;
  #silentUntilUs = 0;

  constructor(io: CommandIo, env: CommandEnvironment) {
    this.#io = io;
    this.#env = env;
  }

  /** The name of an address of 4 or 16 bytes; '': there is none; null: nobody could tell. */
  async name(address: Uint8Array): Promise<string | null> {
    if (this.#stop.signal.aborted || this.#io.nowUs() < this.#silentUntilUs) return null;
    this.#resolver ??= parseResolver(await resolverText(this.#io));
    const { servers, attempts } = this.#resolver;
    const query = pointerQuery(this.#newId(address), address);
    let answered = false;
    for (let attempt = 0; attempt < attempts; attempt++)
      for (const server of servers) {
        const answer = await this.#ask(server, query);
        if (typeof answer === 'string') return answer;
        answered ||= answer === null;
        if (this.#stop.signal.aborted) return null;
      }
    if (!answered) this.#silentUntilUs = this.#io.nowUs() + SILENCE_US;
    return null;
  }

  /** Ends all waits; nothing is asked any more. */
  stop(): void {
    this.#stop.abort();
  }

  close(): void {
    this.stop();
    this.#sockets?.close();
    this.#sockets = null;
  }

  /** Connected sockets take answers of the server alone, and their port is the stack's choice. */
  #newId(address: Uint8Array): number {
    let id = this.#io.nowUs() % 0x10000;
    for (const byte of address) id = (Math.imul(id, 31) + byte) & 0xffff;
    return id;
  }

  /** What a server says, null where it cannot tell; undefined: nothing in time. */
  async #ask(server: Uint8Array, query: Uint8Array): Promise<string | null | undefined> {
    const limit = new AbortController();
    const abort = () => limit.abort();
    this.#stop.signal.addEventListener('abort', abort, { once: true });
    void this.#io.sleepUs(this.#resolver!.timeoutUs, limit.signal).then(abort);
    let socket: PacketSocket | null = null;
    try {
      this.#sockets ??= await socketMaker(await this.#env.transport(), this.#env.variables);
      socket = await this.#sockets.open(SOCK_DGRAM, 0, server.length === 4 ? AF_INET : AF_INET6);
      await socket.connect({ address: server, port: PORT });
      await socket.send(query);
      for (;;) {
        const { data } = await socket.receive({ length: LARGEST, signal: limit.signal });
        const answer = readPointerAnswer(data, query);
        if (answer !== undefined) return answer;
      }
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      return error.errno === EINTR ? undefined : null;
    } finally {
      abort();
      this.#stop.signal.removeEventListener('abort', abort);
      await socket?.close().catch(ignoreGone);
    }
  }
}

/** A stack that has gone took the socket along. */
function ignoreGone(error: unknown): void {
  if (!(error instanceof NetError)) throw error;
}

async function resolverText(io: CommandIo): Promise<string> {
  try {
    return new TextDecoder().decode(await io.files.read('/etc/resolv.conf'));
  } catch (error) {
    if (error instanceof NetError) return '';
    throw error;
  }
}

/** resolv.conf(5): its name servers, and the options about time. Without a server it is this host. */
export function parseResolver(text: string): Resolver {
  const servers: Uint8Array[] = [];
  let timeout = TIMEOUT_S;
  let attempts = ATTEMPTS;
  for (const line of text.split('\n')) {
    const [keyword, ...words] = line.split(/\s+/);
    if (keyword === 'nameserver' && words[0] !== undefined) {
      const v4 = parseIpv4(words[0]);
      const server = v4 === null ? parseIpv6(words[0]) : ipv4Bytes(v4);
      if (server !== null && servers.length < MAXIMUM_SERVERS) servers.push(server);
    } else if (keyword === 'options')
      for (const word of words) {
        const [, name, value = ''] = /^(timeout|attempts):(\d+)$/.exec(word) ?? [];
        if (name === 'timeout') timeout = Math.min(Number(value), MAXIMUM_TIMEOUT_S);
        if (name === 'attempts') attempts = Math.min(Number(value), MAXIMUM_ATTEMPTS);
      }
  }
  return {
    servers: servers.length === 0 ? [Uint8Array.of(127, 0, 0, 1)] : servers,
    timeoutUs: Math.max(timeout, 1) * 1_000_000,
    attempts: Math.max(attempts, 1),
  };
}
