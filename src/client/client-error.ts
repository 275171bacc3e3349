import { EACCES } from '../base/errno.js';
import { NetError } from '../base/net-error.js';

/**
 * What keeps a command from reaching a stack, as one line for the user. Commands show `message` behind their own name and end
 * with status 1.
 */
export class ClientError extends NetError {
  constructor(errno: number, text: string) {
    super(errno);
    this.name = 'ClientError';
    this.message = text;
  }
}

/** A program that cannot be started: what a shell says, and the status it ends with. */
export class ProgramError extends ClientError {
  readonly status: number;

  constructor(program: string, errno: number) {
    super(errno, errno === EACCES ? `${program}: Permission denied` : `${program}: not found`);
    this.status = errno === EACCES ? 126 : 127;
  }
}
