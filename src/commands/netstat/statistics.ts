import { NetError } from '../../base/net-error.js';
import type { NetstatContext } from './context.js';
import type { SocketKind } from './options.js';
import { sentenceOf } from './sentences.js';

/** The groups that one of -t, -u, -w chooses; all others are always shown. */
const CHOSEN: Readonly<Record<string, SocketKind>> = {
  Ip: 'raw',
  Icmp: 'raw',
  Tcp: 'tcp',
  TcpExt: 'tcp',
  Udp: 'udp',
  Ip6: 'raw',
  Icmp6: 'raw',
  Udp6: 'udp',
};

const MARGIN = '    ';

/** Writes counters as netstat does: a title a protocol, a sentence a counter. */
class Report {
  readonly #kinds: ReadonlySet<SocketKind>;
  text = '';
  /** The histogram that counters are being shown in. */
  #histogram: 'in' | 'out' | null = null;

  constructor(kinds: ReadonlySet<SocketKind>) {
    this.#kinds = kinds;
  }

  /** Whether the counters of a group are wanted; if so, its title. A histogram goes on behind a title, but ends at what is left out. */
  title(group: string): boolean {
    const kind = CHOSEN[group];
    if (kind !== undefined && this.#kinds.size > 0 && !this.#kinds.has(kind)) {
      this.#histogram = null;
      return false;
    }
    this.text += `${group}:\n`;
    return true;
  }

  counter(group: string, name: string, value: string): void {
    const sentence = sentenceOf(group, name);
    if (sentence === undefined) {
      if (value !== '0') this.#line(`${name}: ${value}`);
      return;
    }
    const { text, when } = sentence;
    if (when === 'in' || when === 'out') {
      if (this.#histogram !== when) this.#line(when === 'in' ? 'ICMP input histogram:' : 'ICMP output histogram:');
      this.#histogram = when;
    } else if (when === 'always' || value !== '0') this.#histogram = null;
    if (when === 'always' || value !== '0') this.#line(text.replace('%', value));
  }

  #line(text: string): void {
    this.text += `${MARGIN}${this.#histogram === null ? '' : MARGIN}${text}\n`;
  }
}

/** Pairs of lines: names, and their values. */
function addPairs(report: Report, text: string, only?: string): void {
  const lines = text.split('\n');
  for (let i = 0; i + 1 < lines.length; i += 2) {
    const [head = '', ...names] = lines[i]!.split(' ');
    const [, ...values] = lines[i + 1]!.split(' ');
    const group = head.replace(':', '');
    if ((only !== undefined && group !== only) || !report.title(group)) continue;
    // Linux never says a default time to live here, nor the settings of TCP.
    for (const [j, name] of names.entries())
      if (!/^(DefaultTTL|Rto(Algorithm|Min|Max)|MaxConn)$/.test(name)) report.counter(group, name, values[j] ?? '0');
  }
}

/** Lines of a name, which begins with its protocol, and a value. */
function addLines(report: Report, text: string): void {
  let group = '';
  let wanted = false;
  for (const line of text.split('\n')) {
    const match = /^((?:Ip|Icmp|Udp|UdpLite)6)\S+/.exec(line);
    if (match === null) continue;
    const [name = '', value = '0'] = line.trim().split(/\s+/);
    if (match[1] !== group) {
      group = match[1]!;
      wanted = report.title(group);
    }
    if (wanted) report.counter('snmp6', name, value);
  }
}

/** `netstat -s`. Its exit status: families without counters are named on stdout, as the real one does. */
export async function showStatistics({ io, files, options }: NetstatContext): Promise<number> {
  const families = [...options.families];
  if (families.length > 1 || (families.length === 1 && families[0] !== 'inet' && families[0] !== 'inet6')) {
    await io.stdout.write(`netstat: No statistics support for specified address family: ${families.join(',')}\n`);
    return 1;
  }
  const report = new Report(options.kinds);
  const add = async (path: string, take: (text: string) => void) => {
    let text: string;
    try {
      text = await files.read(`net/${path}`);
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      await io.stderr.write(`cannot open /proc/net/${path}: ${error.message}\n`);
      return;
    }
    take(text);
  };
  if (families[0] === 'inet6') {
    await add('snmp6', (text) => addLines(report, text));
    await add('snmp', (text) => addPairs(report, text, 'Tcp'));
  } else {
    await add('snmp', (text) => addPairs(report, text));
    await add('netstat', (text) => addPairs(report, text));
  }
  await io.stdout.write(report.text);
  return 0;
}
