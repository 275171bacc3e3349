import type { Command } from '../../client/command.js';
import { ipvsadm } from '../ipvsadm/ipvsadm.js';

/** `ipvsadm-restore`: the table becomes what the commands on standard input make. */
export const command: Command = async (_argv, io, env) => {
  const status = await ipvsadm(['-C'], io, env);
  return status === 0 ? ipvsadm(['-R'], io, env) : status;
};
