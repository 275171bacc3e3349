// What modules measure of themselves: the same quantities in SFF-8472, SFF-8636 and CMIS, each with four bounds.
import { fixed, line, onOff } from './lines.js';

/** Writes a measured number of a quantity's own unit. */
export type Unit = (value: number) => string;

/** mA, of units of 2 uA. */
export const milliamperes: Unit = (value) => `${fixed(value / 500, 3)} mA`;
/** mW and dBm, of units of 0.1 uW. */
export const milliwatts: Unit = (value) => `${fixed(value / 10_000, 4)} mW / ${fixed(10 * Math.log10(value / 10_000), 2)} dBm`;
/** Degrees, of units of 1/256 degree Celsius, signed. */
export const degrees: Unit = (value) => `${fixed(value / 256, 2)} degrees C / ${fixed((value / 256) * 1.8 + 32, 2)} degrees F`;
/** V, of units of 100 uV. */
export const volts: Unit = (value) => `${fixed(value / 10_000, 4)} V`;

/** A quantity, the bounds of which are told by its name. */
export interface Quantity {
  readonly name: string;
  readonly unit: Unit;
}

export const bias: Quantity = { name: 'Laser bias current', unit: milliamperes };
export const outputPower: Quantity = { name: 'Laser output power', unit: milliwatts };
export const temperature: Quantity = { name: 'Module temperature', unit: degrees };
export const voltage: Quantity = { name: 'Module voltage', unit: volts };
export const receivedPower: Quantity = { name: 'Laser rx power', unit: milliwatts };

/** The four bounds, in the order in which ethtool tells of them. */
export const BOUNDS = ['high alarm', 'low alarm', 'high warning', 'low warning'] as const;

/** Four numbers, or four flags, in the order of BOUNDS. */
export type Bounds<T> = readonly [T, T, T, T];

/** Whether each bound is crossed; `behind` names a channel. */
export const flagLines = (name: string, crossed: Bounds<boolean>, behind = '', width = 0) =>
  BOUNDS.map((bound, i) => line(`${name} ${bound.padEnd(width)}${behind}`, onOff(crossed[i]!))).join('');

export const thresholdLines = ({ name, unit }: Quantity, bounds: Bounds<number>) =>
  BOUNDS.map((bound, i) => line(`${name} ${bound} threshold`, unit(bounds[i]!))).join('');

/** Reads four of them that lie one behind the other. */
export const boundsAt = (read: (at: number) => number, at: number): Bounds<number> => [read(at), read(at + 2), read(at + 4), read(at + 6)];
