import { NetError } from '../../../base/net-error.js';
import { VRF_VARIABLE } from '../../../client/vrf-variable.js';
import type { IpContext } from '../context.js';

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** The variables that a process was started with. Throws NetError where it is gone or may not be looked into. */
async function environmentOf(context: IpContext, pid: string): Promise<ReadonlyMap<string, string>> {
  const entries = text(await context.io.files.read(`/proc/${pid}/environ`)).split('\0');
  return new Map(entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)] as const));
}

/** The VRF that a process is in; '': none. */
export async function vrfOfProcess(context: IpContext, pid: string | undefined): Promise<string> {
  if (pid === undefined) return context.env.variables[VRF_VARIABLE] ?? '';
  return (await environmentOf(context, pid)).get(VRF_VARIABLE) ?? '';
}

export interface Process {
  readonly pid: number;
  readonly name: string;
}

/** The processes in a VRF of the namespace that the command acts in. */
export async function processesOf(context: IpContext, vrf: string): Promise<readonly Process[]> {
  const { files } = context.io;
  const own = context.env.variables['TAPSTACK_NETNS'];
  const found: Process[] = [];
  for (const pid of await files.list('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      const variables = await environmentOf(context, pid);
      if (variables.get(VRF_VARIABLE) !== vrf || variables.get('TAPSTACK_NETNS') !== own) continue;
      found.push({ pid: Number(pid), name: text(await files.read(`/proc/${pid}/comm`)).trimEnd() });
    } catch (error) {
      // It has ended meanwhile, or may not be looked into: then it is none of ours.
      if (!(error instanceof NetError)) throw error;
    }
  }
  return found.sort((a, b) => a.pid - b.pid);
}
