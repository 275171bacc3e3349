import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInstance } from '../../src/library/index.js';

/** A line of a transcript: what a command printed on a real Linux 6.1. */
export interface Recorded {
  readonly cmd: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number;
}

export interface Replayed {
  readonly line: number;
  readonly recorded: Recorded;
  /** What ours printed; null for a line that is not ours to run (another program, a shell's own words). */
  readonly ours: { readonly stdout: string; readonly stderr: string; readonly status: number } | null;
  readonly same: boolean;
}

const OURS = /^(bridge|conntrack|ethtool|ip|ipvsadm|nft|ping|sysctl)\b/;

// What differs from one boot of a real system to the next.
const VARYING: readonly (readonly [RegExp, string])[] = [
  [/\b(?!02:|00:00:00:00:00:00|ff:ff:|01:|33:33:)([0-9a-f]{2}:){5}[0-9a-f]{2}\b/g, 'MAC'],
  [/\b(used|valid_lft|preferred_lft|expires) \d+(\/\d+\/\d+|\/\d+)?(sec)?/g, '$1 T'],
  [/"expires":\d+/g, '"expires":T'],
  [/\btime[= ][\d.]+ ?(ms)?/g, 'time T'],
  [/= [\d.]+\/[\d.]+\/[\d.]+\/[\d.]+ ms/g, '= T'],
  [/reachable \d+/g, 'reachable T'],
  [/by process \d+/g, 'by process P'],
];
const UNORDERED = /\b(?:ip|bridge) (-\S+ )*(fdb|n|neigh|neighbour|netns)\b/;

const normalise = (text: string, command: string) => {
  const same = VARYING.reduce((changed, [pattern, to]) => changed.replace(pattern, to), text);
  return UNORDERED.test(command) ? same.split('\n').sort().join('\n') : same;
};

/** Files of the machine that was recorded, what transcripts use of them. */
const FILES: Readonly<Record<string, string>> = {
  '/etc/iproute2/rt_dsfield': '0x28 AF11\n0x48 AF21\n0x88 AF41\n0xB8 EF\n',
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\n',
  '/etc/hosts': '127.0.0.1 localhost\n',
  '/etc/services':
    'ssh 22/tcp\ndomain 53/tcp\ndomain 53/udp\nhttp 80/tcp www\nkerberos 88/tcp\nhttps 443/tcp\nsip 5060/tcp\nsip 5060/udp\nhttp-alt 8080/tcp\n',
};

/** What of a shell line is ours: the command, and what the shell around it does to its output. */
interface Translated {
  readonly script: string;
  readonly sleepMs: number;
  readonly sorted: boolean;
  readonly silent: boolean;
  readonly echoStatus: boolean;
}

function translate(cmd: string): Translated | null {
  const sleep = /^sleep ([\d.]+); /.exec(cmd);
  let script = sleep === null ? cmd : cmd.slice(sleep[0].length);
  const echoStatus = script.endsWith('; echo $?');
  if (echoStatus) script = script.slice(0, -'; echo $?'.length);
  const sorted = script.endsWith(' | sort');
  if (sorted) script = script.slice(0, -' | sort'.length);
  const silent = script.endsWith(' >/dev/null');
  if (silent) script = script.slice(0, -' >/dev/null'.length);
  if (!OURS.test(script) || /[|&<>$`;(]/.test(script.replace(/'[^']*'|"[^"$]*"| [<>] \/tmp\/\w+/g, ''))) return null;
  return { script, sleepMs: sleep === null ? 0 : Number(sleep[1]) * 1000, sorted, silent, echoStatus };
}

/** `printf 'TEXT' > FILE`: what a transcript's shell writes for later lines to read. */
async function writeFile(files: { write(path: string, bytes: Uint8Array): Promise<void> }, cmd: string): Promise<void> {
  const found = /^printf '([^']*)' > (\/tmp\/[\w.]+)$/.exec(cmd);
  if (found === null) return;
  const text = found[1]!.replace(/\\([nt\\])/g, (_all, letter: string) => ({ n: '\n', t: '\t' })[letter] ?? letter);
  await files.write(found[2]!, new TextEncoder().encode(text));
}

/** Runs a transcript in an instance of its own, under virtual time. */
export async function replay(file: string): Promise<Replayed[]> {
  const lines = readFileSync(join(__dirname, file), 'utf8').split('\n').filter(Boolean);
  const instance = await createInstance({ debugPool: true });
  for (const [path, text] of Object.entries(FILES)) await instance.files.write(path, new TextEncoder().encode(text));
  const results: Replayed[] = [];
  for (const [index, text] of lines.entries()) {
    const recorded = JSON.parse(text) as Recorded;
    await writeFile(instance.files, recorded.cmd);
    const translated = translate(recorded.cmd);
    let ours: Replayed['ours'] = null;
    if (translated !== null) {
      if (translated.sleepMs > 0) await instance.clock.advance(translated.sleepMs);
      const run = await instance.sh(translated.script);
      let stdout = translated.silent ? '' : run.stdout;
      if (translated.sorted) stdout = sortLines(stdout);
      if (translated.echoStatus) stdout += `${run.status}\n`;
      ours = { stdout, stderr: run.stderr, status: translated.echoStatus || translated.sorted ? 0 : run.status };
      // A real machine does not stand still between two commands.
      await instance.clock.advance(5);
    }
    const same =
      ours !== null &&
      ours.status === recorded.status &&
      normalise(ours.stdout, recorded.cmd) === normalise(recorded.stdout, recorded.cmd) &&
      normalise(ours.stderr, recorded.cmd) === normalise(recorded.stderr, recorded.cmd);
    results.push({ line: index + 1, recorded, ours, same });
  }
  instance.close();
  return results;
}

const sortLines = (text: string) =>
  text === ''
    ? ''
    : `${text
        .slice(0, -1)
        .split('\n')
        .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
        .join('\n')}\n`;
