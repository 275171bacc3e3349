import { EACCES } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';

/** One file: its permission bits, its text without the line feed (none at all where it is ''), and what a write does. */
export interface SettingFile<T> {
  readonly mode: number;
  read(of: T): string;
  write(of: T, text: string): void;
}

export type Files<T> = Readonly<Record<string, SettingFile<T>>>;

export const refuse = (): never => fail(EACCES);

/** A file that is only read. */
export const fact = <T>(read: (of: T) => string): SettingFile<T> => ({ mode: 0o444, read, write: refuse });
