import { ENOENT, EPERM, strerror } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import type { CommandEnvironment, CommandIo } from '../../client/command.js';
import { NetlinkClient } from '../../client/netlink-client.js';
import { NETLINK_GENERIC, NLM_F_ACK } from '../../netlink/constants.js';
import { CTRL_CMD_GETFAMILY, ctrlMessage, GENL_ID_CTRL } from '../../netlink/genl/genl.js';
import {
  type DaemonAttributes,
  type DestinationAttributes,
  IPVS_GENL_NAME,
  IPVS_GENL_VERSION,
  type IpvsAttributes,
  IpvsCommand,
  ipvsInfoMessage,
  ipvsMessage,
  type ServiceAttributes,
} from '../../netlink/genl/ip-vs.js';
import { CommandFailure } from '../shared/failure.js';

const INIT_HINT = 'Are you sure that IP Virtual Server is built in the kernel or as module?\n';

/** The family IPVS of the stack, or of the host's kernel. */
export class IpvsClient {
  readonly #client: NetlinkClient;
  readonly #type: number;

  private constructor(client: NetlinkClient, type: number) {
    this.#client = client;
    this.#type = type;
  }

  static async open(io: CommandIo, env: CommandEnvironment): Promise<IpvsClient> {
    const client = await NetlinkClient.open(await env.transport(), { protocol: NETLINK_GENERIC, strict: false, signal: io.signal });
    try {
      const header = { command: CTRL_CMD_GETFAMILY, version: 1 };
      const answer = await client.get(ctrlMessage, { type: GENL_ID_CTRL, header, attributes: { familyName: IPVS_GENL_NAME } });
      const { familyId } = answer === null ? {} : ctrlMessage.parseAttributes(answer);
      if (familyId === undefined) throw new NetError(ENOENT);
      const opened = new IpvsClient(client, familyId);
      await opened.info();
      return opened;
    } catch (error) {
      client.close();
      if (!(error instanceof NetError) || (error.errno !== ENOENT && error.errno !== EPERM)) throw error;
      const why = error.errno === EPERM ? 'Permission denied (you must be root)' : 'Protocol not available';
      throw new CommandFailure(255, `Can't initialize ipvs: ${why}\n${INIT_HINT}`);
    }
  }

  close(): void {
    this.#client.close();
  }

  async request(command: number, attributes: IpvsAttributes = {}): Promise<void> {
    await this.#client.request(ipvsMessage, { type: this.#type, header: this.#header(command), attributes });
  }

  async info(): Promise<{ readonly version: number; readonly size: number }> {
    const answer = await this.#client.get(ipvsInfoMessage, { type: this.#type, header: this.#header(IpvsCommand.GET_INFO) });
    const { version = 0, connTabSize = 0 } = answer === null ? {} : ipvsInfoMessage.parseAttributes(answer);
    return { version, size: connTabSize };
  }

  async config(): Promise<IpvsAttributes> {
    const answer = await this.#client.get(ipvsMessage, { type: this.#type, header: this.#header(IpvsCommand.GET_CONFIG) });
    return answer === null ? {} : ipvsMessage.parseAttributes(answer);
  }

  /** ESRCH */
  async service(name: ServiceAttributes): Promise<ServiceAttributes> {
    const request = { type: this.#type, flags: NLM_F_ACK, header: this.#header(IpvsCommand.GET_SERVICE), attributes: { service: name } };
    const answer = await this.#client.get(ipvsMessage, request);
    return (answer === null ? undefined : ipvsMessage.parseAttributes(answer).service) ?? {};
  }

  async services(): Promise<ServiceAttributes[]> {
    const found: ServiceAttributes[] = [];
    for await (const { service } of this.#dump(IpvsCommand.GET_SERVICE, {})) if (service !== undefined) found.push(service);
    return found;
  }

  async servers(service: ServiceAttributes): Promise<DestinationAttributes[]> {
    const found: DestinationAttributes[] = [];
    for await (const { dest } of this.#dump(IpvsCommand.GET_DEST, { service })) if (dest !== undefined) found.push(dest);
    return found;
  }

  async daemons(): Promise<DaemonAttributes[]> {
    const found: DaemonAttributes[] = [];
    for await (const { daemon } of this.#dump(IpvsCommand.GET_DAEMON, {})) if (daemon !== undefined) found.push(daemon);
    return found;
  }

  async *#dump(command: number, attributes: IpvsAttributes): AsyncGenerator<IpvsAttributes> {
    const request = { type: this.#type, header: this.#header(command), attributes };
    for await (const message of this.#client.dump(ipvsMessage, request)) yield ipvsMessage.parseAttributes(message);
  }

  #header(command: number) {
    return { command, version: IPVS_GENL_VERSION };
  }
}

/** An error of the kernel's, as the tool says it (ipvs_strerror()). */
export function explain(command: string, error: NetError): string {
  return texts[`${command} ${error.code}`] ?? texts[error.code] ?? strerror(error.errno);
}

const texts: Readonly<Record<string, string>> = {
  'addService EEXIST': 'Service already exists',
  'addService ENOENT': 'Scheduler or persistence engine not found',
  'editService ESRCH': 'No such service',
  'editService ENOENT': 'Scheduler or persistence engine not found',
  'deleteService ESRCH': 'No such service',
  'addServer ESRCH': 'Service not defined',
  'addServer EEXIST': 'Destination already exists',
  'editServer ESRCH': 'Service not defined',
  'editServer ENOENT': 'No such destination',
  'deleteServer ESRCH': 'Service not defined',
  'deleteServer ENOENT': 'No such destination',
  'startDaemon EEXIST': 'Daemon has already run',
  'stopDaemon ESRCH': 'No daemon is running',
  'list ESRCH': 'No such service',
  'zero ESRCH': 'No such service',
  EPERM: 'Permission denied (you must be root)',
  EINVAL: 'Invalid operation.  Possibly wrong module version, address not unicast, ...',
  ENOPROTOOPT: 'Protocol not available',
  ENOMEM: 'Memory allocation problem',
};
