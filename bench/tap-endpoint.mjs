// A program in the stack's own thread that talks to the host's kernel over a TAP: what bench/throughput.mjs measures of the stack itself,
// without the socket pair of a captured program. Prints a line of JSON: Gbit/s (or datagrams a second), microseconds of this process, user
// and system, for 64 KB (or a datagram), and the share of the time that garbage collection took.
//   node bench/tap-endpoint.mjs TAP NETNS on|off SECONDS source|sink|datagrams|echo [PEER PORT]
import { spawnSync } from 'node:child_process';
import { PerformanceObserver } from 'node:perf_hooks';
import { loadParts } from './library.mjs';

const AF_INET = 2;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const EFD_NONBLOCK = 0o4000;
const CHUNK = 65_536;
const TCP_ESTABLISHED = 1;
const PEER = 0x0a4f0002;

const [tapName, netns, offload, secondsText, role, portText] = process.argv.slice(2);
const seconds = Number(secondsText);
const { createInstance, plugNic, TapPort, Tap, EpollLoop, loadLibc, SocketAddress } = await loadParts(
  'tap-endpoint',
  `export { createInstance } from './src/library/index.ts';
   export { plugNic } from './src/drivers/nic.ts';
   export { TapPort } from './src/daemon/tap-port.ts';
   export { Tap } from './src/host/tap.ts';
   export { EpollLoop } from './src/host/epoll-loop.ts';
   export { loadLibc } from './src/host/libc.ts';
   export { SocketAddress } from './src/net/core/socket.ts';`,
);

let collecting = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) collecting += entry.duration;
}).observe({ entryTypes: ['gc'] });

const instance = await createInstance({ clock: 'real' });
const { stack } = instance;
const libc = await loadLibc();
const loop = new EpollLoop(libc, libc.eventfd(0, EFD_NONBLOCK), () => undefined);
const port = new TapPort(libc, Tap.open(libc, tapName, netns), stack, loop.frames);
plugNic(stack, 'eth0', Uint8Array.of(0x52, 0x54, 0, 0x12, 0x34, 0x56), port);
for (const line of [
  'ip address add 10.79.0.1/24 dev eth0',
  'ip link set eth0 up',
  `ethtool -K eth0 tso ${offload} tx ${offload} rx ${offload}`,
]) {
  const { status, stderr } = await instance.sh(line);
  if (status !== 0 && !line.startsWith('ethtool')) throw new Error(`${line}: ${stderr}`);
}
const name = netns.split('/').at(-1);
for (const words of [
  ['address', 'replace', '10.79.0.2/24', 'dev', tapName],
  ['link', 'set', tapName, 'up'],
])
  spawnSync('ip', ['-n', name, ...words]);

function open(type) {
  const { families } = stack.initial.sockets;
  return families.find((kind) => kind.family === AF_INET && kind.type === type).create(stack.initial, 0, 0, true);
}
function address(ip, number) {
  const result = new SocketAddress();
  result.family = AF_INET;
  result.words[2] = 0xffff;
  result.words[3] = ip;
  result.port = number;
  return result;
}

const bytes = new Uint8Array(CHUNK).fill(0x79);
let moved = 0;
let pump = () => undefined;
const socket = open(role === 'datagrams' ? SOCK_DGRAM : SOCK_STREAM);
if (role === 'source')
  pump = () => {
    for (let i = 0; i < 16; i++) {
      const sent = socket.send(bytes, 0, CHUNK, 0, null);
      if (sent <= 0) return;
      moved += sent;
    }
    loop.defer(pump);
  };
else if (role === 'sink')
  pump = () => {
    for (let got = socket.receive(bytes, 0, CHUNK, 0, null); got > 0; got = socket.receive(bytes, 0, CHUNK, 0, null)) moved += got;
  };
else
  pump = () => {
    while (socket.receive(bytes, 0, CHUNK, 0, null) >= 0) moved++;
  };
socket.onReady = () => pump();
if (role === 'datagrams') {
  socket.bind(address(0, Number(portText)));
  console.log('ready');
} else socket.connect(address(PEER, Number(portText)));

stack.onWork = null;
const now = () => stack.clock.monotonicUs();
const warmUs = 1_000_000;
const first = now();
let began = 0;
let cpu = null;
let movedBefore = 0;
let collectedBefore = 0;
const work = {
  clock: stack.clock,
  poll: () => {
    const more = stack.poll();
    const at = now();
    if (began === 0) {
      if (at - first > warmUs && (role === 'datagrams' ? moved > 0 : socket.state === TCP_ESTABLISHED)) {
        began = at;
        cpu = process.cpuUsage();
        movedBefore = moved;
        collectedBefore = collecting;
      } else if (at - first > 20_000_000) loop.stop();
    } else if (at - began > seconds * 1e6) loop.stop();
    return more;
  },
  nextDeadlineUs: () => Math.min(stack.nextDeadlineUs(), (began === 0 ? first + warmUs : began + seconds * 1e6) + 1000),
};
await loop.run(work);
const tookUs = now() - began;
const used = process.cpuUsage(cpu);
// Entries of the observer come with the turns of Node's own loop.
await new Promise((resolve) => setTimeout(resolve, 20));
const units = role === 'datagrams' ? moved - movedBefore : (moved - movedBefore) / CHUNK;
console.log(
  JSON.stringify({
    rate: role === 'datagrams' ? units / (tookUs / 1e6) : ((moved - movedBefore) * 8) / tookUs / 1000,
    userUs: used.user / units,
    systemUs: used.system / units,
    gcPercent: ((collecting - collectedBefore) / (tookUs / 1000)) * 100,
    retransmitted: socket.totalRetrans ?? 0,
    failed: port.failed,
    ...(process.env.TAPSTACK_BENCH_DEBUG === undefined
      ? {}
      : {
          cwnd: socket.cwnd,
          ssthresh: socket.ssthresh,
          sndWnd: socket.sndWnd,
          srttUs: socket.srtt8 / 8,
          sendBuffer: socket.sendBuffer,
          receiveBuffer: socket.receiveBuffer,
          segments: socket.dataSegmentsOut,
          rcvWnd: socket.rcvWnd,
          packets: instance.device('eth0').statistics,
        }),
  }),
);
process.exit(0);
