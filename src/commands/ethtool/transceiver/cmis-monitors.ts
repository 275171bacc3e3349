// CMIS: what a module and its lanes measure, on pages 00h, 02h and 11h; page 01h says what of it there is.
import type { CmisPages } from './cmis.js';
import { be16, beS16, line } from './lines.js';
import {
  bias,
  boundsAt,
  type Bounds,
  degrees,
  flagLines,
  milliamperes,
  milliwatts,
  outputPower,
  receivedPower,
  temperature,
  thresholdLines,
  type Unit,
  voltage,
  volts,
} from './monitors.js';

const LANES = [0, 1, 2, 3, 4, 5, 6, 7] as const;

const hasBit = (page: Uint8Array, at: number, bit: number) => (page[at]! & (1 << bit)) !== 0;

/** A quantity of the lanes: where on page 11h it lies and its flags do, where on page 02h its bounds, its bit in byte 160 of page 01h. */
interface LaneQuantity {
  readonly flags: string;
  readonly channel: string;
  readonly values: number;
  readonly flagBytes: number;
  readonly bit: number;
}

const laneBias: LaneQuantity = { flags: 'Laser bias current', channel: 'Chan', values: 170, flagBytes: 143, bit: 0 };
const laneSent: LaneQuantity = { flags: 'Laser tx power', channel: 'Channel', values: 154, flagBytes: 139, bit: 1 };
const laneReceived: LaneQuantity = { flags: 'Laser rx power', channel: 'Channel', values: 186, flagBytes: 149, bit: 2 };

/** Bits 4 and 3 of page 01h, byte 160, say in what units currents are told. ethtool divides by them where the standard multiplies. */
const biasOf = (page1: Uint8Array): Unit => {
  const shift = [0, 1, 2, 0][(page1[160]! >>> 3) & 3]!;
  return (value) => milliamperes(value >>> shift);
};

/** Page 01h, byte 151, bit 4: what is received is told as an average. */
const labelOfReceived = (page1: Uint8Array) => (hasBit(page1, 151, 4) ? 'Rcvr signal avg optical power' : 'Receiver signal OMA');

/** Flags of the module: byte 9, of the temperature in its lower half. */
const moduleFlags = (page0: Uint8Array, first: number): Bounds<boolean> => [
  hasBit(page0, 9, first),
  hasBit(page0, 9, first + 1),
  hasBit(page0, 9, first + 2),
  hasBit(page0, 9, first + 3),
];

/** Flags of a lane, a byte for each bound. The standard has lane N at bit N; ethtool 6.1 takes N for the mask, and so do we. */
const laneFlags = (bank: Uint8Array, at: number, lane: number): Bounds<boolean> => {
  const crossed = (byte: number) => (bank[byte]! & lane) !== 0;
  return [crossed(at), crossed(at + 1), crossed(at + 2), crossed(at + 3)];
};

export function cmisMonitors({ page0, page1, page2, banks }: CmisPages): string {
  if (page1 === null || page2 === null) return '';
  const lines = [line(temperature.name, degrees(beS16(page0, 14))), line(voltage.name, volts(be16(page0, 16)))];
  const lanes: readonly (readonly [LaneQuantity, string, Unit])[] = [
    [laneBias, 'Laser tx bias current', biasOf(page1)],
    [laneSent, 'Transmit avg optical power', milliwatts],
    [laneReceived, labelOfReceived(page1), milliwatts],
  ];
  const measured = lanes.filter(([{ bit }]) => hasBit(page1, 160, bit));
  for (const [{ values }, label, unit] of measured)
    for (const [b, bank] of banks.entries())
      for (const lane of LANES) lines.push(line(`${label} (Channel ${b * 8 + lane + 1})`, unit(be16(bank, values + lane * 2))));
  lines.push(flagLines(temperature.name, moduleFlags(page0, 0)), flagLines(voltage.name, moduleFlags(page0, 4)));
  for (const [b, bank] of banks.entries())
    for (const lane of LANES)
      for (const [{ flags, channel, flagBytes }] of measured)
        lines.push(flagLines(flags, laneFlags(bank, flagBytes, lane), ` (${channel} ${b * 8 + lane + 1})`, 12));
  const unsigned = (at: number) => be16(page2, at);
  lines.push(
    thresholdLines({ ...bias, unit: biasOf(page1) }, boundsAt(unsigned, 184)),
    thresholdLines(outputPower, boundsAt(unsigned, 176)),
    thresholdLines(
      temperature,
      boundsAt((at) => beS16(page2, at), 128),
    ),
    thresholdLines(voltage, boundsAt(unsigned, 136)),
    thresholdLines(receivedPower, boundsAt(unsigned, 192)),
  );
  return lines.join('');
}
