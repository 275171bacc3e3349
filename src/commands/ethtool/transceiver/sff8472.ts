// SFF-8472 chapter 9: what an SFP measures, at address A2h.
import { be16, beS16, line, yesNo } from './lines.js';
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
  voltage,
  volts,
} from './monitors.js';

/** Byte 92 at A0h: what of diagnostics there is. */
const MONITORING_TYPE = 92;
const IMPLEMENTED = 1 << 6;
const EXTERNAL_CALIBRATION = 1 << 4;
const AVERAGE_POWER = 1 << 3;
/** Byte 93 at A0h. */
const ENHANCED_OPTIONS = 93;
const FLAGS_IMPLEMENTED = 1 << 7;

/** Whether the module answers at A2h. */
export const hasDiagnostics = (a0: Uint8Array) => (a0[MONITORING_TYPE]! & IMPLEMENTED) !== 0;

/** Makes numbers of what was measured. */
interface Calibration {
  temperature(raw: number): number;
  voltage(raw: number): number;
  bias(raw: number): number;
  sent(raw: number): number;
  received(raw: number): number;
}

const same = (raw: number) => raw;
const internal: Calibration = { temperature: same, voltage: same, bias: same, sent: same, received: same };

/** Bytes 56 to 91: a polynomial of five floats for the received power, a slope of 1/256 and an offset for each of the others. */
function external(a2: Uint8Array): Calibration {
  const view = new DataView(a2.buffer, a2.byteOffset, a2.byteLength);
  // What does not fit is cut to the width of what was measured.
  const word = (value: number) => (Math.abs(value) < 2 ** 31 ? Math.trunc(value) & 0xffff : 0);
  const straight = (at: number) => (raw: number) => word(Math.trunc((raw * be16(a2, at)) / 256) + beS16(a2, at + 2));
  return {
    bias: straight(76),
    sent: straight(80),
    temperature: (raw) => (straight(84)(raw) << 16) >> 16,
    voltage: straight(88),
    received: (raw) => word([4, 3, 2, 1, 0].reduce((sum, power) => sum + view.getFloat32(72 - power * 4) * raw ** power, 0)),
  };
}

/** Where the bounds of a quantity lie, and the bits of its flags: alarms in bytes 112 and 113, warnings four bytes on. */
const flagsAt = (a2: Uint8Array, at: number, highBit: number): Bounds<boolean> => {
  const set = (byte: number, bit: number) => (a2[byte]! & (1 << bit)) !== 0;
  return [set(at, highBit), set(at, highBit - 1), set(at + 4, highBit), set(at + 4, highBit - 1)];
};

/** `a2`: the 256 bytes at address A2h. */
export function sff8472(a0: Uint8Array, a2: Uint8Array): string {
  const type = a0[MONITORING_TYPE]!;
  const calibration = (type & EXTERNAL_CALIBRATION) !== 0 ? external(a2) : internal;
  const unsigned = (convert: (raw: number) => number) => (at: number) => convert(be16(a2, at));
  const read = {
    temperature: (at: number) => calibration.temperature(beS16(a2, at)),
    voltage: unsigned(calibration.voltage),
    bias: unsigned(calibration.bias),
    sent: unsigned(calibration.sent),
    received: unsigned(calibration.received),
  };
  const hasFlags = (a0[ENHANCED_OPTIONS]! & FLAGS_IMPLEMENTED) !== 0;
  return [
    line('Optical diagnostics support', 'Yes'),
    line('Laser bias current', milliamperes(read.bias(100))),
    line('Laser output power', milliwatts(read.sent(102))),
    line((type & AVERAGE_POWER) !== 0 ? 'Receiver signal average optical power' : 'Receiver signal OMA', milliwatts(read.received(104))),
    line('Module temperature', degrees(read.temperature(96))),
    line('Module voltage', volts(read.voltage(98))),
    line('Alarm/warning flags implemented', yesNo(hasFlags)),
    ...(hasFlags
      ? [
          flagLines(bias.name, flagsAt(a2, 112, 3)),
          flagLines(outputPower.name, flagsAt(a2, 112, 1)),
          flagLines(temperature.name, flagsAt(a2, 112, 7)),
          flagLines(voltage.name, flagsAt(a2, 112, 5)),
          flagLines(receivedPower.name, flagsAt(a2, 113, 7)),
          thresholdLines(bias, boundsAt(read.bias, 16)),
          thresholdLines(outputPower, boundsAt(read.sent, 24)),
          thresholdLines(temperature, boundsAt(read.temperature, 0)),
          thresholdLines(voltage, boundsAt(read.voltage, 8)),
          thresholdLines(receivedPower, boundsAt(read.received, 32)),
        ]
      : []),
  ].join('');
}
