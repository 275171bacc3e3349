import type { TapstackInstance as Instance } from '../../../../src/library/index.js';
import { crc32c } from '../../../../src/wire/crc32c.js';
import { ipv4 } from '../packets.js';
import { router, send } from './router.js';

/** Connection tracking of SCTP and DCCP, as a router between two hosts sees them. */
let instance: Instance;
beforeEach(async () => {
  instance = await router();
  const { stderr } = await instance.sh(
    'nft "add table ip f; add chain ip f fw { type filter hook forward priority filter; }; add rule ip f fw ct state invalid drop"',
  );
  expect(stderr).toBe('');
});
afterEach(() => instance.close());

/** What is listed of the one connection there is: seconds left, state, and whether it is assured. */
async function seen(protocol: string): Promise<string> {
  const { stdout } = await instance.sh('conntrack -L');
  const [, seconds = '', state = ''] = new RegExp(`^${protocol} +\\d+ (\\d+) (\\S+) `).exec(stdout) ?? [];
  return `${state} ${seconds}${stdout.includes('[ASSURED]') ? ' assured' : ''}`;
}

// RFC 9260 3.2
const INIT = 1;
const INIT_ACK = 2;
const ABORT = 6;
const SHUTDOWN = 7;
const SHUTDOWN_ACK = 8;
const COOKIE_ECHO = 10;
const COOKIE_ACK = 11;
const SHUTDOWN_COMPLETE = 14;
const DATA = 0;

/** A packet of SCTP with one chunk of 20 bytes; of INIT and INIT ACK `initiates` is the tag that its sender wants. */
function chunk(from: 'a' | 'b', type: number, tag: number, initiates = 0): Uint8Array {
  const bytes = new Uint8Array(32);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, from === 'a' ? 5000 : 80);
  view.setUint16(2, from === 'a' ? 80 : 5000);
  view.setUint32(4, tag);
  view.setUint8(12, type);
  view.setUint16(14, 20);
  view.setUint32(16, initiates);
  view.setUint32(8, crc32c(view, 0, bytes.length, 8), true);
  return between(from, 132, bytes);
}

const between = (from: 'a' | 'b', protocol: number, bytes: Uint8Array): Uint8Array =>
  from === 'a' ? ipv4({ from: '10.0.1.2', to: '10.0.2.2', protocol }, bytes) : ipv4({ from: '10.0.2.2', to: '10.0.1.2', protocol }, bytes);
const fromA = (packet: Uint8Array) => send(instance, 'ra', packet).length;
const fromB = (packet: Uint8Array) => send(instance, 'rb', packet).length;

test('an SCTP association is set up in four steps, is assured, and ends in three', async () => {
  expect(fromA(chunk('a', INIT, 0, 0xa1))).toBe(1);
  expect(await seen('sctp')).toBe('CLOSED 10');
  expect(fromB(chunk('b', INIT_ACK, 0xa1, 0xb1))).toBe(1);
  expect(await seen('sctp')).toBe('COOKIE_WAIT 3');
  expect(fromA(chunk('a', COOKIE_ECHO, 0xb1))).toBe(1);
  expect(await seen('sctp')).toBe('COOKIE_ECHOED 3');
  expect(fromB(chunk('b', COOKIE_ACK, 0xa1))).toBe(1);
  expect(await seen('sctp')).toBe('ESTABLISHED 210 assured');
  expect(fromA(chunk('a', DATA, 0xb1))).toBe(1);
  expect(fromA(chunk('a', SHUTDOWN, 0xb1))).toBe(1);
  expect(await seen('sctp')).toBe('SHUTDOWN_SENT 3 assured');
  expect(fromB(chunk('b', SHUTDOWN_ACK, 0xa1))).toBe(1);
  expect(await seen('sctp')).toBe('SHUTDOWN_ACK_SENT 3 assured');
  expect(fromA(chunk('a', SHUTDOWN_COMPLETE, 0xb1))).toBe(1);
  expect(await seen('sctp')).toBe('CLOSED 10 assured');
  await instance.clock.advance(12_000);
  expect((await instance.sh('conntrack -C')).stdout).toBe('0\n');
});

test('who does not know the tag of an SCTP association cannot speak in it, nor end it', async () => {
  fromA(chunk('a', INIT, 0, 0xa1));
  fromB(chunk('b', INIT_ACK, 0xa1, 0xb1));
  fromA(chunk('a', COOKIE_ECHO, 0xb1));
  fromB(chunk('b', COOKIE_ACK, 0xa1));
  expect(fromA(chunk('a', DATA, 0xbad))).toBe(0);
  expect(fromA(chunk('a', ABORT, 0xbad))).toBe(0);
  expect(await seen('sctp')).toBe('ESTABLISHED 210 assured');
  // A bad checksum, and what begins with anything but INIT.
  const broken = chunk('a', DATA, 0xb1);
  broken[31]! ^= 1;
  expect(fromA(broken)).toBe(0);
  await instance.sh('conntrack -F');
  expect(fromA(chunk('a', COOKIE_ACK, 0xb1))).toBe(0);
});

// RFC 4340 5.1
const REQUEST = 0;
const RESPONSE = 1;
const ACK = 3;
const DATA_ACK = 4;
const CLOSE_REQ = 5;
const CLOSE = 6;
const RESET = 7;

/** A packet of DCCP with a sequence number of 48 bits, and the number that it acknowledges. */
function dccp(from: 'a' | 'b', type: number, sequence: number, acknowledges: number): Uint8Array {
  const bytes = new Uint8Array(28);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, from === 'a' ? 5000 : 80);
  view.setUint16(2, from === 'a' ? 80 : 5000);
  view.setUint8(4, 7);
  view.setUint8(8, (type << 1) | 1);
  view.setUint32(12, sequence);
  view.setUint32(20, acknowledges);
  // Nothing of the data is covered; the sum of header and pseudo-header is.
  view.setUint8(5, 1);
  view.setUint16(6, sumOf(bytes, from));
  return between(from, 33, bytes);
}

function sumOf(bytes: Uint8Array, from: 'a' | 'b'): number {
  const pseudo = from === 'a' ? [10, 0, 1, 2, 10, 0, 2, 2] : [10, 0, 2, 2, 10, 0, 1, 2];
  const all = [...pseudo, 0, 33, 0, bytes.length, ...bytes];
  let sum = 0;
  for (let i = 0; i < all.length; i += 2) sum += (all[i]! << 8) | all[i + 1]!;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

test('a DCCP connection opens with the acknowledgment of the Response, and lingers when it is reset', async () => {
  expect(fromA(dccp('a', REQUEST, 100, 0))).toBe(1);
  expect(await seen('dccp')).toBe('REQUEST 240');
  expect(fromB(dccp('b', RESPONSE, 500, 100))).toBe(1);
  expect(await seen('dccp')).toBe('RESPOND 480');
  expect(fromA(dccp('a', ACK, 101, 500))).toBe(1);
  expect(await seen('dccp')).toBe('PARTOPEN 480 assured');
  expect(fromB(dccp('b', DATA_ACK, 501, 101))).toBe(1);
  expect(await seen('dccp')).toBe('OPEN 43200 assured');
  expect(fromB(dccp('b', CLOSE_REQ, 502, 101))).toBe(1);
  expect(await seen('dccp')).toBe('CLOSEREQ 64 assured');
  expect(fromA(dccp('a', CLOSE, 102, 502))).toBe(1);
  expect(await seen('dccp')).toBe('CLOSING 64 assured');
  expect(fromB(dccp('b', RESET, 503, 102))).toBe(1);
  expect(await seen('dccp')).toBe('TIMEWAIT 240 assured');
});

test('what no DCCP client says is invalid, and a Reset before any answer ends the connection', async () => {
  fromA(dccp('a', REQUEST, 100, 0));
  expect(fromA(dccp('a', CLOSE_REQ, 101, 0))).toBe(0);
  expect(await seen('dccp')).toBe('REQUEST 240');
  fromA(dccp('a', RESET, 101, 0));
  expect((await instance.sh('conntrack -C')).stdout).toBe('0\n');
});
