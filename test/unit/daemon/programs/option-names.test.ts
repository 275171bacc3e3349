import { optionName } from '../../../../src/daemon/programs/option-names.js';

test('options are named as the headers name them, others by number', () => {
  expect(optionName(6, 31)).toBe('SOL_TCP TCP_ULP');
  expect(optionName(1, 2)).toBe('SOL_SOCKET SO_REUSEADDR');
  expect(optionName(0, 2)).toBe('SOL_IP IP_TTL');
  expect(optionName(41, 67)).toBe('SOL_IPV6 IPV6_TCLASS');
  expect(optionName(17, 103)).toBe('SOL_UDP UDP_SEGMENT');
  expect(optionName(263, 13)).toBe('SOL_PACKET PACKET_TX_RING');
  expect(optionName(270, 12)).toBe('SOL_NETLINK NETLINK_GET_STRICT_CHK');
  expect(optionName(0, 255)).toBe('SOL_IP option 255');
  expect(optionName(99, 1)).toBe('level 99 option 1');
});
