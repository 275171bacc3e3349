import { CHANGE_TO_EXCLUDE, decodeFloat16, decodeFloat8, encodeFloat16, encodeFloat8 } from '../../../src/wire/group-record.js';
import { MLD_QUERY } from '../../../src/wire/icmpv6.js';
import * as igmp from '../../../src/wire/igmp.js';
import { addressFromBytes } from '../../../src/wire/ipv6.js';
import * as mld from '../../../src/wire/mld.js';

const view = (bytes: number) => new DataView(new ArrayBuffer(bytes));
const hex = (v: DataView) => Buffer.from(v.buffer).toString('hex');

test('bytes of a query stand for numbers up to 31744, and back', () => {
  expect([0, 127, 128, 0x8f, 0x90, 0xff].map(decodeFloat8)).toEqual([0, 127, 128, 248, 256, 31_744]);
  for (let code = 0; code < 256; code++) expect(encodeFloat8(decodeFloat8(code))).toBe(code);
  expect(encodeFloat8(100_000)).toBe(0xff);
});

test('the response code of MLDv2 stands for up to 8387584 ms, and back', () => {
  expect([0, 10_000, 0x7fff, 0x8000, 0xffff].map(decodeFloat16)).toEqual([0, 10_000, 32_767, 32_768, 8_387_584]);
  for (let code = 0; code < 0x1_0000; code += 97) expect(encodeFloat16(decodeFloat16(code))).toBe(code);
});

test('a report of IGMPv3 as RFC 3376 has it', () => {
  const v = view(igmp.V3_REPORT_HEADER + igmp.RECORD_HEADER);
  igmp.writeReport(v, 0, 1);
  igmp.writeRecord(v, igmp.V3_REPORT_HEADER, CHANGE_TO_EXCLUDE, 0, 0xef01_0203);
  igmp.writeChecksum(v, 0, v.byteLength);
  expect(hex(v)).toBe('2200e8f90000000104000000ef010203');
  expect([igmp.reportRecords(v, 0), igmp.recordType(v, 8), igmp.recordGroup(v, 8), igmp.recordBytes(v, 8)]).toEqual([1, 4, 0xef01_0203, 8]);
});

test('the version of an IGMP query is seen from its length and its response time', () => {
  const v = view(16);
  igmp.write(v, 0, igmp.QUERY, 0, 0);
  expect([igmp.queryVersion(v, 0, 8), igmp.queryVersion(v, 0, 12), igmp.queryVersion(v, 0, 10), igmp.queryVersion(v, 0, 7)]).toEqual([
    1, 3, 0, 0,
  ]);
  igmp.write(v, 0, igmp.QUERY, 100, 0);
  expect(igmp.queryVersion(v, 0, 8)).toBe(2);
  igmp.writeQueryV3(v, 0, true, 2, 125, 1);
  v.setUint32(12, 0x0a00_0001);
  expect([igmp.suppress(v, 0), igmp.robustness(v, 0), igmp.queryInterval(v, 0), igmp.querySource(v, 0, 0)]).toEqual([
    true,
    2,
    125,
    0x0a00_0001,
  ]);
  expect([igmp.hasQuerySources(v, 0, 16), igmp.hasQuerySources(v, 0, 12)]).toEqual([true, false]);
});

test('a query of MLDv2 names its group and sources', () => {
  const group = addressFromBytes(Uint8Array.from([0xff, 0x15, ...new Array(13).fill(0), 9]));
  const v = view(mld.V2_QUERY + mld.SOURCE_BYTES);
  mld.write(v, 0, MLD_QUERY, 10_000, group);
  mld.writeQueryV2(v, 0, false, 2, 125, 1);
  v.setUint32(mld.V2_QUERY + 12, 7);
  const into = new Uint32Array(4);
  expect([...mld.group(v, 0, into)]).toEqual([0xff15_0000, 0, 0, 9]);
  expect([...mld.querySource(v, 0, 0, into)]).toEqual([0, 0, 0, 7]);
  expect([mld.v2ResponseDelay(v, 0), mld.robustness(v, 0), mld.queryInterval(v, 0), mld.querySources(v, 0)]).toEqual([10_000, 2, 125, 1]);
  expect([mld.queryVersion(24), mld.queryVersion(28), mld.queryVersion(26)]).toEqual([1, 2, 0]);
  expect([mld.hasQuerySources(v, 0, v.byteLength), mld.hasQuerySources(v, 0, mld.V2_QUERY)]).toEqual([true, false]);
});
