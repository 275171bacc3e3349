// Replays transcripts twice on fresh instances, once with our commands and once with the distribution's own, and compares what they printed:
//   node scripts/replay-both.mjs [--show N] [--min PERCENT] [--lines N] [--nic] FILE.jsonl...     (after a build)
// A transcript has a line {"cmd": "..."} a command, run by bash. `--lines` takes only the first N of each. Both share the stack, so what differs is
// the command or the stack's answer to the real one; what a boot draws at random is left out. Ends with 1 where fewer than PERCENT are the same.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const self = fileURLToPath(import.meta.url);
const tapstack = resolve(self, '../../bin/tapstack');
const TOOLS = [
  'arp',
  'arping',
  'brctl',
  'bridge',
  'conntrack',
  'ethtool',
  'ifconfig',
  'ip',
  'ipvsadm',
  'ipvsadm-restore',
  'ipvsadm-save',
  'netstat',
];
TOOLS.push('nft', 'nstat', 'ping', 'route', 'rtmon', 'ss', 'sysctl', 'tcpdump', 'tracepath', 'traceroute');
/** A command that does not end by itself is ended after so many seconds. */
const LIMIT_S = 20;

/** What differs from one run to the next whoever prints it: random addresses, timers, times, numbers of processes and ports. */
const VARYING = [
  [/\b(?!02:|0a:|00:00:00:00:00:00|ff:ff:|01:|33:33:|03:|52:54:)([0-9a-f]{2}:){5}[0-9a-f]{2}\b/g, 'MAC'],
  [/permaddr"?:? ?"?[0-9a-f:]+/g, 'permaddr P'],
  [/\bfe80::[0-9a-f:]*(?=\/64)/g, 'fe80::LL'],
  [/\b(bridge_id|designated_bridge|designated_root|root_id)"?:? ?"?[0-9a-f.:]+/g, '$1 B'],
  [/\b(expires|valid_lft|preferred_lft|used|age|installed|"expires":|reachable)( ?\d+(\/\d+)*(sec| sec)?)/g, '$1 T'],
  [/((?:hello|tcn|topology_change|gc|message_age|forward_delay|hold)_timer"?:?) *[\d.]+/g, '$1 T'],
  [/\btime[= ]?[\d.]+ ?(ms)?/g, 'time T'],
  [/= [\d.]+\/[\d.]+\/[\d.]+\/[\d.]+ ms/g, '= T'],
  [/\b(id|pid)=\d+/g, '$1=I'],
  [/\b(ino|sk|cgroup):\S+/g, '$1:S'],
  [/^Timestamp: .*$|^\[\d{4}-[^\]]*\]/gm, '[T]'],
  [/(:(?:3[2-9]|[45]\d|6[0-5])\d{3})\b/g, ':PORT'],
  [/\b(rto|rtt|minrtt|rcv_rtt|lastsnd|lastrcv|lastack|ato|rcv_space|rcv_ssthresh|snd_wnd|bytes_acked):[\d./]+/g, '$1:N'],
  [/\b(seed 0x)[0-9a-f]+/g, '$1S'],
];
/** Whose lines come in the order of a hash table. */
const UNORDERED = /\b(ss|netstat|bridge -?\S* ?(fdb|mdb)|neigh|netns|ipvsadm|nexthop|ls)\b/;

if (process.argv[2] === '--drive') {
  drive(process.argv[3], process.argv[4]);
} else {
  compareAll(process.argv.slice(2));
}

/** Runs the transcript's commands in the instance that this process is in. */
function drive(transcript, result) {
  const got = [];
  for (const { cmd } of linesOf(transcript)) {
    const run = spawnSync('timeout', ['-k', '2', String(LIMIT_S), 'bash', '-c', cmd, 'bash'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C', TERM: 'dumb' },
    });
    got.push({ stdout: run.stdout ?? '', stderr: run.stderr ?? '', status: run.status });
  }
  writeFileSync(result, JSON.stringify(got));
}

function linesOf(transcript) {
  return readFileSync(transcript, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

function compareAll(words) {
  const options = { show: 3, min: 0, lines: Number.POSITIVE_INFINITY, nic: false, files: [] };
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (word === '--nic') options.nic = true;
    else if (word.startsWith('--')) options[word.slice(2)] = Number(words[++i]);
    else options.files.push(word);
  }
  const folder = mkdtempSync(join(tmpdir(), 'both-'));
  let same = 0;
  let all = 0;
  for (const file of options.files) {
    const lines = linesOf(file).slice(0, options.lines);
    const transcript = join(folder, 'transcript');
    writeFileSync(transcript, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const ours = replay(folder, transcript, options.nic, null);
    const real = replay(folder, transcript, options.nic, realTools(folder));
    let held = 0;
    let shown = 0;
    for (const [i, { cmd }] of lines.entries()) {
      if (['stdout', 'stderr', 'status'].every((part) => normalise(ours[i]?.[part], cmd) === normalise(real[i]?.[part], cmd))) held++;
      else if (shown++ < options.show)
        process.stdout.write(`--- ${basename(file)}:${i + 1}\n$ ${cmd}\n<<< real\n${side(real[i])}>>> ours\n${side(ours[i])}`);
    }
    console.log(`${basename(file)}: ${held}/${lines.length}`);
    same += held;
    all += lines.length;
  }
  rmSync(folder, { recursive: true });
  console.log(`both: ${same}/${all} the same (${((100 * same) / all).toFixed(1)} %)`);
  if (same * 100 < all * options.min) process.exitCode = 1;
}

function replay(folder, transcript, nic, tools) {
  const result = join(folder, 'result');
  rmSync(result, { force: true });
  const driver = [process.execPath, self, '--drive', transcript, result];
  const inside = tools === null ? driver : ['sh', '-c', 'PATH=$0:$PATH exec "$@"', tools, ...driver];
  const run = spawnSync(tapstack, ['run', ...(nic ? ['--nic', 'eth0'] : []), '--', ...inside], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 600_000,
  });
  if (!existsSync(result)) throw new Error(`the replay came to nothing: ${run.stderr}`);
  return JSON.parse(readFileSync(result, 'utf8'));
}

/** A folder with the distribution's tools, to put before ours on a PATH. */
function realTools(folder) {
  const tools = join(folder, 'tools');
  if (existsSync(tools)) return tools;
  mkdirSync(tools);
  for (const tool of TOOLS) {
    const found = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'].map((place) => join(place, tool)).find(existsSync);
    if (found !== undefined) symlinkSync(found, join(tools, tool));
  }
  return tools;
}

function normalise(value, cmd) {
  if (typeof value !== 'string') return value;
  const text = VARYING.reduce((changed, [pattern, to]) => changed.replace(pattern, to), value);
  return UNORDERED.test(cmd) ? text.split('\n').sort().join('\n') : text;
}

function side(result) {
  if (result === undefined) return '(not run)\n';
  return `${result.stdout}${result.stderr ? `[stderr] ${result.stderr}` : ''}[status] ${result.status}\n`;
}
