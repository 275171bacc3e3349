import { EINVAL, EPERM } from '../../../base/errno.js';
import type { InetSocket } from '../inet-socket.js';
import { intBytes, readInt, type SocketOption } from '../socket-options.js';

/** Values of options that a socket need not have a field for, by level and number. Without one they are as at first. */
export class KeptOptions {
  #values: Map<number, number> | null = null;

  get(level: number, option: number, otherwise = 0): number {
    return this.#values?.get((level << 16) | option) ?? otherwise;
  }

  set(level: number, option: number, value: number): void {
    this.#values ??= new Map();
    this.#values.set((level << 16) | option, value);
  }
}

export type OptionEntry = readonly [number, SocketOption<InetSocket>];

export interface KeptInt {
  readonly level: number;
  readonly option: number;
  readonly name: string;
  /** What it is at first; 0 unless given. */
  readonly initial?: number;
  readonly least?: number;
  readonly most?: number;
  /** Of TCP alone, or of all but TCP: what others get for it. */
  readonly refuses?: (socket: InetSocket) => number;
  /** Errno where it may be set by root alone. */
  readonly privileged?: boolean;
  /** May be given as one byte, as options of IPPROTO_IP. */
  readonly byte?: boolean;
}

/** An int that is kept as it is, within its bounds. */
export function keptInt({
  level,
  option,
  name,
  initial = 0,
  least = -0x8000_0000,
  most = 0x7fff_ffff,
  refuses,
  privileged,
  byte,
}: KeptInt): OptionEntry {
  return [
    option,
    {
      name,
      get: (socket) => intBytes(socket.kept.get(level, option, initial)),
      set(socket, value) {
        if (value.length < 4 && byte !== true) return -EINVAL;
        const number = value.length >= 4 ? readInt(value) : (value[0] ?? 0);
        const refused = refuses?.(socket) ?? 0;
        if (refused !== 0) return refused;
        if (number < least || number > most) return -EINVAL;
        if (privileged === true && !socket.privileged) return -EPERM;
        socket.kept.set(level, option, number);
        return 0;
      },
    },
  ];
}

export interface KeptFlag {
  readonly level: number;
  readonly option: number;
  readonly name: string;
  readonly initial?: boolean;
  /** Nothing but 0 and 1 will do. */
  readonly strict?: boolean;
  readonly refuses?: (socket: InetSocket) => number;
  /** The same of reading it. */
  readonly reads?: (socket: InetSocket) => number;
  readonly byte?: boolean;
}

/** An int of which only zero or not is kept. */
export function keptFlag({ level, option, name, initial = false, strict = false, refuses, reads, byte }: KeptFlag): OptionEntry {
  return [
    option,
    {
      name,
      get: (socket) => reads?.(socket) || intBytes(socket.kept.get(level, option, initial ? 1 : 0)),
      set(socket, value) {
        const refused = refuses?.(socket) ?? 0;
        if (refused !== 0) return refused;
        if (value.length < 4 && byte !== true) return -EINVAL;
        const number = value.length >= 4 ? readInt(value) : (value[0] ?? 0);
        if (strict && number !== 0 && number !== 1) return -EINVAL;
        socket.kept.set(level, option, number === 0 ? 0 : 1);
        return 0;
      },
    },
  ];
}

/** Known by Linux, but not to be read, set, or both: what it says instead. */
export const refused = (option: number, name: string, setting: number, reading: number): OptionEntry => [
  option,
  { name, set: () => -setting, get: () => -reading },
];

/** Can be read alone. */
export const readable = (option: number, name: string, get: (socket: InetSocket) => Uint8Array | number): OptionEntry => [
  option,
  { name, get },
];
