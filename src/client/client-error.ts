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
