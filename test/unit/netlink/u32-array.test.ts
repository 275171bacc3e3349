import { u32Array } from '../../../src/netlink/schema.js';

test.each([0, 1, 2, 3])('words are read out of a Buffer wherever they lie in its memory (%i bytes off)', (off) => {
  const memory = Buffer.alloc(15);
  const bytes = memory.subarray(off, off + 8);
  bytes.writeUInt32LE(7, 0);
  bytes.writeUInt32LE(0xffff_fff0, 4);
  const source = { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length), base: 0, strict: false };
  expect([...u32Array(1).read(source, 0, 8)]).toEqual([7, 0xffff_fff0]);
});
