import { parseUnixLine } from '../../../../src/daemon/programs/unix-sockets.js';
import { UNIX_CLOSE, UNIX_ESTABLISHED, UNIX_LISTEN } from '../../../../src/net/unix/unix-socket.js';

const text = (name: Uint8Array | null | undefined) => (name ? Buffer.from(name).toString('latin1') : name);

test('lines of /proc/net/unix tell type, state, inode and name', () => {
  const listener = parseUnixLine('00000000e7a2af1e: 00000002 00000000 00010000 0001 01 6456950 /run/a socket');
  expect(listener).toMatchObject({ inode: 6456950, type: 1, state: UNIX_LISTEN });
  expect(text(listener?.name)).toBe('/run/a socket');
  const abstract = parseUnixLine('000000005c1aad2d: 00000002 00000000 00000000 0002 01    57 @a@b');
  expect(abstract).toMatchObject({ inode: 57, type: 2, state: UNIX_CLOSE });
  expect(text(abstract?.name)).toBe('\0a@b');
  expect(parseUnixLine('00000000f6fbbf5d: 00000003 00000000 00000000 0005 03 6456655')).toMatchObject({
    type: 5,
    state: UNIX_ESTABLISHED,
    name: null,
  });
  expect(parseUnixLine('Num       RefCount Protocol Flags    Type St Inode Path')).toBeNull();
});
