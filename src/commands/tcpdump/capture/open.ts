import { EISDIR, strerror } from '../../../base/errno.js';
import { NetError } from '../../../base/net-error.js';
import { type ByteSource, ByteStream, piecesSource } from './byte-stream.js';
import { PcapReader } from './pcap-reader.js';
import { PcapngReader } from './pcapng-reader.js';
import { CaptureError, type CaptureReader } from './reader.js';

/** A savefile of either format. Throws CaptureError with what libpcap says. `name` is the file's, for messages. */
export async function openCapture(
  input: ByteSource | AsyncIterable<Uint8Array>,
  name: string,
  nanoseconds: boolean,
): Promise<CaptureReader> {
  const stream = new ByteStream('read' in input ? input : piecesSource(input));
  try {
    const enough = await stream.need(4);
    if (!enough) throw new CaptureError(`truncated dump file; tried to read 4 file header bytes, only got ${stream.available}`);
    const reader = (await PcapReader.open(stream, nanoseconds)) ?? (await PcapngReader.open(stream, nanoseconds));
    if (reader === null) throw new CaptureError('unknown file format');
    return reader;
  } catch (error) {
    // A directory is opened, and cannot be read.
    const what = error instanceof NetError && error.errno === EISDIR ? 'error reading dump file' : name;
    if (error instanceof NetError) throw new CaptureError(`${what}: ${strerror(error.errno)}`);
    throw error;
  }
}
