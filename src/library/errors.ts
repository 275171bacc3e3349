import { getSystemErrorMap } from 'node:util';
import { NetError } from '../base/net-error.js';

/** An error as Node's net has it. */
export interface SystemError extends Error {
  errno?: number;
  code?: string;
  syscall?: string;
  address?: string;
  port?: number;
  hostname?: string;
}

/** "connect ECONNREFUSED 10.0.0.1:80", as Node's own exceptions of a call with an address read. */
export function addressError(syscall: string, cause: unknown, address: string, port: number, local = ''): Error {
  if (!(cause instanceof NetError)) return asError(cause);
  const place = port > 0 ? `${address}:${port}` : address;
  const error: SystemError = new Error(`${syscall} ${cause.code} ${place}${local}`, { cause });
  error.errno = -cause.errno;
  error.code = cause.code;
  error.syscall = syscall;
  error.address = address;
  if (port > 0) error.port = port;
  return error;
}

/** "listen EADDRINUSE: address already in use 0.0.0.0:80": the longer form, of bind and listen. */
export function listenError(cause: unknown, address: string, port: number): Error {
  if (!(cause instanceof NetError)) return asError(cause);
  const place = port > 0 ? `${address}:${port}` : address;
  const error: SystemError = new Error(`listen ${cause.code}: ${describe(cause)} ${place}`, { cause });
  error.code = cause.code;
  error.errno = -cause.errno;
  error.syscall = 'listen';
  error.address = address;
  if (port > 0) error.port = port;
  return error;
}

/** "read ECONNRESET" */
export function callError(syscall: string, cause: unknown): Error {
  if (!(cause instanceof NetError)) return asError(cause);
  const error: SystemError = new Error(`${syscall} ${cause.code}`, { cause });
  error.errno = -cause.errno;
  error.code = cause.code;
  error.syscall = syscall;
  return error;
}

/** What Node says of a name that nobody knows. */
export function notFound(hostname: string): Error {
  const error: SystemError = new Error(`getaddrinfo ENOTFOUND ${hostname}`);
  error.errno = -3008; // UV_EAI_NONAME
  error.code = 'ENOTFOUND';
  error.syscall = 'getaddrinfo';
  error.hostname = hostname;
  return error;
}

export function codedError(Kind: ErrorConstructor | TypeErrorConstructor | RangeErrorConstructor, code: string, text: string): Error {
  return Object.assign(new Kind(text), { code });
}

const describe = (cause: NetError) => getSystemErrorMap().get(-cause.errno)?.[1] ?? cause.message;
const asError = (cause: unknown) => (cause instanceof Error ? cause : new Error(String(cause)));
