import { NetError } from '../../base/net-error.js';
import type { ProcFiles } from '../shared/proc-files.js';

export interface Counter {
  /** "IpInReceives" */
  readonly name: string;
  readonly value: number;
}

/** Settings and gauges among the counters, which only say what is. */
const notCounters: ReadonlySet<string> = new Set([
  'IpForwarding',
  'IpDefaultTTL',
  'TcpRtoAlgorithm',
  'TcpRtoMin',
  'TcpRtoMax',
  'TcpMaxConn',
  'TcpCurrEstab',
]);

/** Pairs of lines, "Ip: InReceives ..." and "Ip: 17 ...". */
function readPairs(text: string): Counter[] {
  const lines = text.split('\n');
  const counters: Counter[] = [];
  for (let i = 0; i + 1 < lines.length; i += 2) {
    const [group = '', ...names] = lines[i]!.split(' ');
    const [, ...values] = lines[i + 1]!.split(' ');
    for (const [j, name] of names.entries()) counters.push({ name: group.replace(':', '') + name, value: Number(values[j] ?? 0) });
  }
  return counters;
}

/** Lines "NAME VALUE". */
function readLines(text: string): Counter[] {
  return text
    .split('\n')
    .map((line) => line.split(/\s+/))
    .filter((words) => words.length >= 2 && words[0] !== '')
    .map(([name = '', value = '']) => ({ name, value: Number(value) }));
}

/** All counters, in the order of the files snmp, snmp6, netstat. A stack without IPv6 has no snmp6. */
export async function readCounters(files: ProcFiles): Promise<Counter[]> {
  let snmp6 = '';
  try {
    snmp6 = await files.read('net/snmp6');
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
  }
  const all = [...readPairs(await files.read('net/snmp')), ...readLines(snmp6), ...readPairs(await files.read('net/netstat'))];
  return all.filter(({ name }) => !notCounters.has(name));
}
