// The native client and the Node launcher give the same for the same command line: text, errors, exit status and files, with stdin,
// closed and full outputs, signals, folders, masks and variables; what becomes of a client that is killed and of a worker that dies.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Lab, isAlive, until } from './daemon-support.js';

const ROOT = join(__dirname, '../..');
const NATIVE = join(ROOT, 'native', 'bin');
const LINES = readFileSync(join(__dirname, 'native-lines', 'lines.sh'), 'utf8')
  .trim()
  .split('\n');

/** Runs each line in a shell of its own and keeps what it printed and how it ended. */
const RUNNER = `
i=0
while IFS= read -r line; do
  i=$((i+1))
  ( timeout 20 bash -c "$line" >out.$i 2>err.$i </dev/null; echo $? >status.$i ) 2>/dev/null
done <lines
`;

const labs: Lab[] = [];
const lab = (variables: NodeJS.ProcessEnv = {}) => {
  const made = new Lab(variables);
  labs.push(made);
  return made;
};
afterEach(async () => {
  for (const made of labs.splice(0)) await made.close();
});

interface Outcome {
  readonly line: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly status: string;
}

async function outcomes(lines: readonly string[], client: string): Promise<Outcome[]> {
  const place = lab({ TAPSTACK_CLIENT: client });
  writeFileSync(join(place.folder, 'lines'), `${lines.join('\n')}\n`);
  const { stderr, status } = await place.tapstack('run', '--', 'bash', '-c', RUNNER);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  const read = (name: string) => readFileSync(join(place.folder, name), 'utf8').replaceAll(place.folder, 'FOLDER');
  return lines.map((line, i) => ({ line, stdout: read(`out.${i + 1}`), stderr: read(`err.${i + 1}`), status: read(`status.${i + 1}`) }));
}

test('the native client is built here', () => {
  expect(existsSync(join(NATIVE, 'ip'))).toBe(true);
});

test('every command line gives the same through the native client as through Node', async () => {
  const byNode = await outcomes(LINES, 'node');
  const byWorker = await outcomes(LINES, 'native');
  expect(byWorker).toEqual(byNode);
}, 600_000);

/** A shell inside a fresh instance, whose commands go through the native client; its worker is up. */
const inside = async (script: string, variables: NodeJS.ProcessEnv = {}) => {
  const place = lab(variables);
  const result = await place.tapstack('run', '--', 'bash', '-c', `ip link show lo >/dev/null\n${script}`);
  return { place, ...result };
};
/** The worker of the shell's mount namespace. */
const WORKER = `worker() { pgrep -f "daemon/worker/main.js $TAPSTACK_DIR/$TAPSTACK_INSTANCE/"; }\n`;

test('commands reach the worker, which is one process for all of them', async () => {
  const { stdout, stderr } = await inside(
    `${WORKER} type -p ip; for i in 1 2 3; do ip link show lo >/dev/null; worker; done | sort -u | wc -l; ls $TAPSTACK_DIR/$TAPSTACK_INSTANCE | grep -c commands-`,
  );
  expect(stderr).toBe('');
  expect(stdout).toBe(`${join(NATIVE, 'ip')}\n1\n1\n`);
});

test('a hundred commands at a time are served, each with its own words, folder and output', async () => {
  const { stdout, stderr } = await inside(`
    mkdir -p many; cd many
    for i in $(seq 100); do (mkdir $i; cd $i; printf 'link add d%d type dummy\\nlink show d%d\\n' $i $i >batch; ip -o -b batch >out) & done; wait
    for i in $(seq 100); do grep -q "d$i:" $i/out || echo "$i: $(cat $i/out)"; done; ip -o link | wc -l`);
  expect(stderr).toBe('');
  expect(stdout).toBe('101\n');
});

test('a client that is killed ends its command at once', async () => {
  const { stdout, stderr } = await inside(`
    sockets() { ss -a -H | grep -c "^nl.*rtnl:[^ ]*node"; }
    before=$(sockets)
    ip monitor & client=$!
    for i in $(seq 100); do [ $(sockets) -gt $before ] && break; done
    echo "with it $(($(sockets) - before))"
    kill -KILL $client; wait $client 2>/dev/null
    for i in $(seq 100); do [ $(sockets) = $before ] && break; done
    echo "after it $(($(sockets) - before))"`);
  expect(stderr).toBe('');
  expect(stdout).toBe('with it 1\nafter it 0\n');
});

test('a client that is killed in a batch leaves the lines behind undone', async () => {
  const { stdout } = await inside(`
    mkfifo lines; ip -b lines & client=$!
    exec 9>lines; echo 'link add before type dummy' >&9
    for i in $(seq 200); do ip link show before >/dev/null 2>&1 && break; done
    kill -KILL $client; wait $client 2>/dev/null
    echo 'link add after type dummy' >&9 2>/dev/null; exec 9>&-
    ip -o link | cut -d: -f2`);
  expect(stdout).not.toContain('after');
});

test('a slow reader of one command holds up no other', async () => {
  const { stdout, stderr } = await inside(`
    for i in $(seq 400); do echo "link add much$i type dummy"; done | ip -b -
    mkfifo slow; (for i in 1 2 3 4 5 6 7 8 9; do echo link show; done | ip -d -b - >slow; echo "slow $?") &
    exec 8<slow
    timeout 10 ip -o link show lo | wc -l
    cat <&8 | grep -c much400; wait`);
  expect(stderr).toBe('');
  expect(stdout.split('\n').sort().join(' ')).toBe(' 1 9 slow 0');
});

test('a worker that dies takes its commands with it, says so, and is followed by Node and then by another', async () => {
  const { stdout, stderr } = await inside(`${WORKER}
    (ip monitor; echo "monitor $?") & first=$(worker)
    for i in $(seq 100); do ss -a -H | grep -q 'rtnl:[^ ]*node' && break; done
    kill -KILL $first; wait
    ip -o link show lo | wc -l
    grep -o 'the command worker [0-9]* ended (SIGKILL)' $TAPSTACK_DIR/$TAPSTACK_INSTANCE/log | sed "s/$first/N/"`);
  expect(stdout).toBe('monitor 70\n1\nthe command worker N ended (SIGKILL)\n');
  expect(stderr).toContain('ip: the command worker ended before the command did\n');
});

/** Process ids of an instance's command workers. */
function workersOf(place: Lab, instance: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || !isAlive(Number(pid))) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(`worker/main.js\0${place.dir}/${instance}`);
    } catch {
      // It has ended meanwhile.
      return false;
    }
  });
}

test('a daemon that is gone is told by the launcher', async () => {
  const place = lab();
  await place.tapstack('up', '--name', 'gone');
  const variables = { ...place.variables, TAPSTACK_INSTANCE: 'gone' };
  const ip = () => spawnSync(join(NATIVE, 'ip'), ['-o', 'link'], { env: variables, encoding: 'utf8' });
  expect(ip().stdout).toMatch(/^1: lo:/);
  const pid = place.pidOf('gone');
  process.kill(pid, 'SIGKILL');
  // A worker that is about to end may still take a command, which then says that it was lost.
  await until(() => !isAlive(pid) && workersOf(place, 'gone').length === 0);
  const { stdout, stderr, status } = ip();
  expect({ stdout, status }).toEqual({ stdout: '', status: 1 });
  expect(stderr).toMatch(/instance "gone" is dead: its daemon is gone/);
});

test('the worker ends with its daemon, however that ends', async () => {
  const place = lab();
  await place.tapstack('up', '--name', 'brief');
  const workers = () => workersOf(place, 'brief');
  execFileSync(join(NATIVE, 'ip'), ['link'], { env: { ...place.variables, TAPSTACK_INSTANCE: 'brief' } });
  expect(workers()).toHaveLength(1);
  process.kill(place.pidOf('brief'), 'SIGKILL');
  await until(() => workers().length === 0);
});

test('who is not as the worker is gets the launcher: other groups, another root, another time zone', async () => {
  const place = lab();
  await place.tapstack('up', '--name', 'strict');
  const variables: NodeJS.ProcessEnv = { ...place.variables, TAPSTACK_INSTANCE: 'strict' };
  const ip = join(NATIVE, 'ip');
  execFileSync(ip, ['link'], { env: variables });
  /** A launcher in place of Node's would be seen: PATH has no node. */
  const served = (argv: readonly string[], more: NodeJS.ProcessEnv = {}) => {
    mkdirSync(join(place.folder, 'none'), { recursive: true });
    const env = { ...variables, PATH: join(place.folder, 'none'), ...more };
    return spawnSync(argv[0]!, argv.slice(1), { env, encoding: 'utf8' }).status === 0;
  };
  expect(served([ip, 'link'])).toBe(true);
  expect(served([ip, 'link'], { TZ: 'Asia/Tokyo' })).toBe(false);
  expect(served([ip, 'link'], { TAPSTACK_TARGET: 'kernel' })).toBe(false);
  if (process.geteuid!() !== 0) return;
  expect(served(['/usr/bin/setpriv', '--groups=1,2', ip, 'link'])).toBe(false);
  expect(served(['/usr/bin/setpriv', '--regid=1', '--clear-groups', ip, 'link'])).toBe(false);
  expect(served(['/usr/bin/unshare', '-U', ip, 'link'])).toBe(false);
});
