import type { SsContext } from '../context.js';

/** Lines "NAME: key value key value ..." of /proc/net/sockstat and its like. */
function readCounters(text: string, counters: Map<string, number>): void {
  for (const line of text.split('\n')) {
    const [name = '', ...rest] = line.trim().split(/\s+/);
    for (let i = 0; i + 1 < rest.length; i += 2) counters.set(`${name}${rest[i]}`, Number(rest[i + 1]));
  }
}

/** A counter of /proc/net/snmp: the line of names, then that of numbers. */
function snmpCounter(text: string, group: string, name: string): number {
  const [names = '', numbers = ''] = text.split('\n').filter((line) => line.startsWith(`${group}:`));
  const at = names.split(/\s+/).indexOf(name);
  return at < 0 ? 0 : Number(numbers.split(/\s+/)[at]);
}

/** How many sockets there are, by kind. */
export async function showSummary(context: SsContext): Promise<void> {
  const counters = new Map<string, number>();
  readCounters(await context.proc('net/sockstat'), counters);
  readCounters(await context.proc('net/sockstat6'), counters);
  const established = snmpCounter(await context.proc('net/snmp'), 'Tcp', 'CurrEstab');
  const count = (key: string) => counters.get(key) ?? 0;
  const tcp4 = count('TCP:inuse');
  const tcp6 = count('TCP6:inuse');
  const timeWait = count('TCP:tw');
  const alloc = count('TCP:alloc');
  const closed = alloc - (tcp4 + tcp6 - timeWait);
  const raw = [count('RAW:inuse'), count('RAW6:inuse')] as const;
  const udp = [count('UDP:inuse'), count('UDP6:inuse')] as const;
  const tcp = [tcp4, tcp6] as const;
  const fragments = [count('FRAG:inuse'), count('FRAG6:inuse')] as const;
  const inet = [raw[0] + udp[0] + tcp[0], raw[1] + udp[1] + tcp[1]] as const;
  const line = (name: string, [v4, v6]: readonly [number, number]) =>
    `${name}\t  ${String(v4 + v6).padEnd(9)} ${String(v4).padEnd(9)} ${String(v6).padEnd(9)}\n`;
  await context.io.stdout.write(
    `Total: ${count('sockets:used')}\n` +
      `TCP:   ${alloc + timeWait} (estab ${established}, closed ${closed}, orphaned ${count('TCP:orphan')}, timewait ${timeWait})\n\n` +
      `Transport Total     IP        IPv6\n` +
      line('RAW', raw) +
      line('UDP', udp) +
      line('TCP', tcp) +
      line('INET', inet) +
      `${line('FRAG', fragments)}\n`,
  );
}
