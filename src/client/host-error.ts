import { EIO } from '../base/errno.js';
import { NetError } from '../base/net-error.js';

/** Node's error of a system call as NetError; any other error is a defect and passes. */
export function hostError(error: unknown): NetError {
  if (error instanceof NetError) return error;
  const { errno, syscall } = error as NodeJS.ErrnoException;
  if (typeof errno === 'number') return new NetError(Math.abs(errno));
  if (syscall !== undefined) return new NetError(EIO);
  throw error;
}
