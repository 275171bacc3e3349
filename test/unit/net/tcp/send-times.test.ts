import { POLLERR } from '../../../../src/net/core/socket.js';
import { intBytes } from '../../../../src/net/core/socket-options.js';
import { TcpSocket } from '../../../../src/net/tcp/socket.js';
import { address, B, Kit, send, text } from './kit.js';

const SOL_SOCKET = 1;
const SO_TIMESTAMPING = 37;
// SOF_TIMESTAMPING_*
const SENT_BY_SOFTWARE = (1 << 1) | (1 << 4);
const ONLY_TIMES = 1 << 11;

/** Whether a socket that sends hears when its data left. */
function hears(allowed: number, privileged: boolean, flags: number): boolean {
  const kit = new Kit();
  kit.listener(kit.b, 80);
  kit.stack.settings.tstampAllowData = allowed;
  const client = new TcpSocket(kit.a, 2, privileged ? 0 : 1000, privileged);
  client.connect(address(B, 80));
  kit.advance(1000);
  expect(client.setOption(SOL_SOCKET, SO_TIMESTAMPING, intBytes(flags))).toBe(0);
  send(client, text('when?'));
  kit.advance(1000);
  return (client.poll() & POLLERR) !== 0;
}

test('without tstamp_allow_data, who may not see packets hears of the time when data left only without the data', () => {
  expect(hears(1, false, SENT_BY_SOFTWARE)).toBe(true);
  expect(hears(0, false, SENT_BY_SOFTWARE)).toBe(false);
  expect(hears(0, false, SENT_BY_SOFTWARE | ONLY_TIMES)).toBe(true);
  expect(hears(0, true, SENT_BY_SOFTWARE)).toBe(true);
});
