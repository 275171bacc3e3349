import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { programFault } from '../../../../../src/bpf/check.js';
import { dumpProgram } from '../../../../../src/bpf/disassemble.js';
import { BytesInput } from '../../../../../src/bpf/input.js';
import { flatten, interpret } from '../../../../../src/bpf/machine.js';
import { compileFilter, FilterError } from '../../../../../src/commands/tcpdump/filter/compile.js';
import type { FilterNames } from '../../../../../src/commands/tcpdump/filter/names.js';
import { linkTypeNumber } from '../../../../../src/commands/tcpdump/link-types.js';

interface Recorded {
  readonly linkType: string;
  readonly optimised: boolean;
  readonly filter: string;
  /** What `tcpdump -y LINKTYPE -d FILTER` (or -O -d) of tcpdump 4.99.3 with libpcap 1.10.3 printed, errors too. */
  readonly printed: string;
}

const recorded = readFileSync(join(__dirname, 'programs.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded);

/** Debian 12's. */
const names: FilterNames = {
  host: (name) => (name === 'localhost' ? [Uint8Array.of(127, 0, 0, 1)] : []),
  port: (name) => {
    const both = { domain: 53, http: 80 }[name];
    return { tcp: both ?? { ssh: 22 }[name], udp: name === 'http' ? undefined : (both ?? { ntp: 123 }[name]) };
  },
  protocol: (name) => ({ tcp: 6, udp: 17, icmp: 1, ospf: 89 })[name],
  network: () => undefined,
  ether: () => undefined,
};

const target = (linkType: string, optimise: boolean) => ({ linkType: linkTypeNumber(linkType), snapshot: 262144, optimise, names });

function printed(filter: string, linkType: string, optimise: boolean): string {
  try {
    return dumpProgram(compileFilter(filter, target(linkType, optimise)), 1);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    return `tcpdump: ${error.message}\n`;
  }
}

const linkTypes = [...new Set(recorded.map(({ linkType }) => linkType))];

test.each(linkTypes)('filters for %s become the programs of libpcap, and wrong ones its errors', (linkType) => {
  const different = recorded
    .filter((record) => record.linkType === linkType)
    .filter((record) => printed(record.filter, linkType, record.optimised) !== record.printed)
    .map(({ filter, optimised }) => `${optimised ? '' : '-O '}${filter}`);
  expect(different).toEqual([]);
});

const words = [...new Set(recorded.flatMap(({ filter }) => filter.match(/[\w.:-]+|[^\s\w]+/g) ?? []))];

test('any row of words becomes a program or an error, in little time', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...words), { maxLength: 12 }),
      fc.constantFrom(...linkTypes),
      fc.boolean(),
      (row, linkType, optimise) => {
        try {
          compileFilter(row.join(' '), target(linkType, optimise));
        } catch (error) {
          expect(error).toBeInstanceOf(FilterError);
        }
      },
    ),
    { numRuns: 3000 },
  );
});

test('the optimiser changes no verdict on packets that are long enough for every load', () => {
  const filters = recorded
    .filter(({ linkType, optimised, printed: text }) => optimised && linkType === 'EN10MB' && text.startsWith('('))
    .filter(({ filter }) => !filter.includes('protochain'))
    .map(({ filter }) => filter);
  fc.assert(
    fc.property(fc.constantFrom(...filters), fc.uint8Array({ minLength: 300, maxLength: 300 }), fc.nat(3), (filter, bytes, kind) => {
      // Of random bytes hardly any is IP: headers are put where filters look.
      bytes.set(
        [
          [0x08, 0x00, 0x45],
          [0x86, 0xdd, 0x60],
          [0x81, 0x00],
          [0x08, 0x06],
        ][kind]!.slice(0, bytes.length - 12),
        12,
      );
      const run = (optimise: boolean) => {
        const program = compileFilter(filter, target('EN10MB', optimise));
        return programFault(program) === ''
          ? interpret(flatten(program), new BytesInput(bytes))
          : interpret(flatten(program), new BytesInput(bytes), 5000);
      };
      expect(run(true)).toBe(run(false));
    }),
    { numRuns: 2000 },
  );
});

test('an expression of many terms is compiled or refused, but never hangs', () => {
  const ports = Array.from({ length: 50 }, (_, n) => `port ${n + 1000}`).join(' or ');
  expect(compileFilter(ports, target('EN10MB', true)).length).toBeGreaterThan(50);
  expect(() => compileFilter('('.repeat(5000), target('EN10MB', true))).toThrow(FilterError);
  expect(() => compileFilter(`${'not '.repeat(5000)}tcp`, target('EN10MB', true))).toThrow(FilterError);
});

test('on a device that takes tags out of frames, `vlan` looks at the metadata too', () => {
  // `tcpdump -i lo -d vlan 5`, libpcap 1.10.3
  const program = compileFilter('vlan 5', { ...target('EN10MB', true), vlanMetadata: true });
  expect(dumpProgram(program, 1).split('\n').slice(0, 4)).toEqual([
    '(000) ldb      [vlanp]',
    '(001) jeq      #0x1             jt 6\tjf 2',
    '(002) ldh      [12]',
    '(003) jeq      #0x8100          jt 6\tjf 4',
  ]);
});
