import { parseWords } from '../../../src/commands/conntrack/parse.js';

const words = (line: string) => parseWords(line.split(' '));
const complaint = (line: string): string => {
  try {
    words(line);
  } catch (error) {
    return (error as Error).message.split('\n')[0]!.replace(/^.*\(conntrack-tools\): /, '');
  }
  return '';
};

test('a state is one of its protocol, wherever the protocol stands', () => {
  expect(words('-L --state ESTABLISHED -p tcp').state).toBe(3);
  expect(words('-L -p sctp --state ESTABLISHED').state).toBe(4);
  expect(words('-L -p dccp --state OPEN').state).toBe(4);
  expect(complaint('-L -p tcp --state OPEN')).toBe("unknown TCP state `OPEN'");
});

test('options of a protocol are unknown without it', () => {
  expect(complaint('-L --sport 53')).toBe("unknown option `--sport'");
  expect(complaint('-L -p udp --srckey 5')).toBe("unknown option `--srckey'");
  expect(words('-L -p gre --srckey 5 --dstkey 6')).toMatchObject({ sourceKey: 5, destinationKey: 6 });
  expect(words('-L -p udp --sport 53').sourcePort).toBe(53);
});

test('a command takes only what says something to it, and there is one', () => {
  expect(complaint('-F -p tcp')).toBe("Illegal option `--protonum' with this command");
  expect(complaint('-L -t 5')).toBe("Illegal option `--timeout' with this command");
  expect(complaint('-I -p udp -j 5.5.5.5')).toBe("Illegal option `--any-nat' with this command");
  expect(complaint('-L -D')).toBe('Invalid commands combination');
  expect(complaint('-L nosuch')).toBe("unknown type `nosuch'");
});

test('a mask stands beside the address that it is of', () => {
  const { originalSource } = words('-L -s 1.1.1.9 --mask-src 255.255.255.0');
  expect([...originalSource!.bytes]).toEqual([1, 1, 1, 9]);
  expect([...originalSource!.mask!]).toEqual([255, 255, 255, 0]);
});

test('of single expectations nothing is made, changed or deleted, and no connection in their stead', () => {
  expect(complaint('-U expect')).toBe("Can't do --update on expectations");
  expect(complaint('-D expect')).toBe("You need to supply the `--src' option for this command");
  expect(complaint('-I expect -s 10.0.0.1 -d 10.0.0.2')).toBe("You need to supply the `--protonum' option for this command");
  expect(complaint('-I expect -s 10.0.0.1 -d 10.0.0.2 -p tcp --sport 1 --dport 2')).toBe('Operation failed: invalid parameters');
  expect(words('-L expect').table).toBe('expect');
});
