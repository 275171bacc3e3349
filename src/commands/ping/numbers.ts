import { CommandFailure } from '../shared/failure.js';

/** Ends ping with `text` on stderr. */
export const die = (text: string, status = 2) => new CommandFailure(status, `ping: ${text}\n`);

/** A whole decimal number between `min` and `max`, which is what the message names: up to LONG_MAX it may lie beyond 2^53. */
export function integerArgument(text: string, min: number, max: number | bigint): number {
  if (!/^\s*[+-]?[0-9]+$/.test(text)) throw die(`invalid argument: '${text}'`, 1);
  const value = BigInt(text.trim().replace('+', ''));
  if (value > 0x7fff_ffff_ffff_ffffn || value < -0x8000_0000_0000_0000n)
    throw die(`invalid argument: '${text}': Numerical result out of range`, 1);
  if (value < BigInt(min) || value > BigInt(max)) throw die(`invalid argument: '${text}': out of range: ${min} <= value <= ${max}`, 1);
  return Number(value);
}

export interface Seconds {
  readonly value: number;
  /** What goes to stderr about the text. */
  readonly warning: string;
}

/** A number of seconds with decimals. What is no number counts as far as it is one, with a warning. */
export function secondsArgument(text: string, complaint: string): Seconds {
  const number = /^\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?/.exec(text)?.[0] ?? '';
  const value = number === '' ? 0 : Number(number);
  const clean = number.length === text.length && text !== '';
  if (!Number.isFinite(value)) throw die(`${complaint}: ${text}: Numerical result out of range`);
  return {
    value,
    warning: clean ? '' : `ping: option argument contains garbage: ${text}\nping: this will become fatal error in the future\n`,
  };
}
