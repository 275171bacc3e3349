import fc from 'fast-check';
import { controlFrame, datagramFrame, FRAME_LIMIT, FrameReader, parseControl } from '../../../src/client/bus-frames.js';

function collect(chunks: readonly Uint8Array[]): { frames: string[]; fine: boolean } {
  const frames: string[] = [];
  const reader = new FrameReader();
  const handler = {
    datagram: (payload: Uint8Array) => void frames.push(`d${Buffer.from(payload).toString('hex')}`),
    control: (payload: Uint8Array) => void frames.push(`c${Buffer.from(payload).toString('hex')}`),
  };
  let fine = true;
  for (const chunk of chunks) fine &&= reader.push(chunk, handler, () => false);
  return { frames, fine };
}

test('frames come out as they went in, wherever the stream is cut', () => {
  const frame = fc.record({ control: fc.boolean(), payload: fc.uint8Array({ maxLength: 300 }) });
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 20 }), fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }), (frames, cuts) => {
      const bytes = Buffer.concat(
        frames.map(({ control, payload }) => {
          const built = Buffer.from(datagramFrame(payload));
          if (control) built[3]! |= 0x80;
          return built;
        }),
      );
      const chunks: Uint8Array[] = [];
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const cut = cuts[i % cuts.length]!;
        chunks.push(bytes.subarray(at, at + cut));
        at += cut;
      }
      const expected = frames.map(({ control, payload }) => (control ? 'c' : 'd') + Buffer.from(payload).toString('hex'));
      expect(collect(chunks)).toEqual({ frames: expected, fine: true });
    }),
  );
});

test('a length over the limit is garbage as soon as it is read', () => {
  const header = Buffer.alloc(4);
  header.writeUInt32LE(FRAME_LIMIT + 1);
  expect(collect([header]).fine).toBe(false);
});

test('no bytes whatever make the reader throw', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 64 })), (chunks) => {
      collect(chunks);
    }),
  );
});

test('a reader that is told to stop hands out nothing more', () => {
  const frames: number[] = [];
  const two = Buffer.concat([datagramFrame(Uint8Array.of(1)), datagramFrame(Uint8Array.of(2))]);
  const handler = { datagram: (payload: Uint8Array) => void frames.push(payload[0]!), control: () => undefined };
  new FrameReader().push(two, handler, () => frames.length > 0);
  expect(frames).toEqual([1]);
});

test('control payloads are JSON objects, and everything else is null', () => {
  const payload = controlFrame({ id: 1, request: 'status' }).subarray(4);
  expect(parseControl(payload)).toEqual({ id: 1, request: 'status' });
  for (const text of ['', '[]', 'null', '3', '{', '\xff']) expect(parseControl(Buffer.from(text, 'latin1'))).toBeNull();
});
