/** Instances as the `tapstack` command handles them. Everything throws ClientError, one line for the user. */
export interface InstancePort {
  /** A fresh private instance for the time of one program; its exit status. */
  run(request: RunRequest): Promise<number>;
  /** The user's shell (SHELL, else sh) instead of a program. */
  shell(request: Omit<RunRequest, 'argv'>): Promise<number>;
  /** Starts a lasting instance; `started` is false where it ran already. */
  up(request: UpRequest): Promise<{ readonly name: string; readonly started: boolean }>;
  down(name?: string): Promise<void>;
  status(name?: string): Promise<InstanceStatus>;
  /** What programs of an instance asked for and did not get since it began; the most wanted first. */
  unsupported(name?: string): Promise<readonly UnsupportedRequest[]>;
  /** What this machine lets programs of an instance do. */
  doctor(): Promise<readonly Finding[]>;
  /** All instances of the runtime folder, those too that are dead. */
  list(): Promise<readonly InstanceEntry[]>;
  nicList(name?: string): Promise<readonly NicStatus[]>;
  nicAdd(nic: NicSpecification, name?: string): Promise<NicStatus>;
  nicDelete(nicName: string, name?: string): Promise<void>;
  /** A program inside a running instance, in one of its namespaces; its exit status. */
  exec(request: ExecRequest): Promise<number>;
  /** The runner of packetdrill scripts, a program of its own that holds its stacks itself; its exit status. */
  packetdrill(argv: readonly string[]): Promise<number>;
}

/** `--nic NAME[,mac=M][,tap=HOSTTAP[,netns=PATH]][,module=FILE][,FAULT=...]` */
export interface NicSpecification {
  readonly name: string;
  readonly mac?: string;
  /** A TAP of the host to open or make; left out: the wire ends in a sink. */
  readonly tap?: string;
  /** Path of the host's network namespace that the TAP lies in. */
  readonly netns?: string;
  /** Path of a file with the memory of the module that is plugged in (src/drivers/nic/module.ts says how it is laid out). */
  readonly module?: string;
  /** What its wire does to frames: "loss=1%,reorder=2%" (src/drivers/faults.ts has the words). */
  readonly faults?: string;
}

export interface RunRequest {
  readonly argv: readonly string[];
  readonly nics: readonly NicSpecification[];
  /** Shows an ordinary user's program uid 0. */
  readonly root: boolean;
  /** Its sockets are the stack's. */
  readonly capture: boolean;
}

export interface UpRequest {
  readonly name?: string;
  readonly nics: readonly NicSpecification[];
}

export interface ExecRequest {
  readonly argv: readonly string[];
  readonly name?: string;
  /** A namespace of the instance by name. */
  readonly namespace?: string;
  /** Its sockets are the stack's. */
  readonly capture: boolean;
}

export interface InstanceEntry {
  readonly name: string;
  readonly state: 'running' | 'dead';
  /** Process id of the daemon; absent for a dead one. */
  readonly pid?: number;
}

export interface InstanceStatus {
  readonly name: string;
  readonly pid: number;
  readonly version: string;
  readonly uptimeSeconds: number;
  readonly clients: number;
  readonly namespaces: number;
  readonly devices: number;
  readonly nics: readonly NicStatus[];
  readonly socket: string;
  readonly etc: string;
  readonly log: string;
}

export interface NicStatus {
  readonly name: string;
  readonly mac: string;
  readonly tap: string | null;
  readonly netns: string | null;
  readonly rxPackets: number;
  readonly rxBytes: number;
  readonly txPackets: number;
  readonly txBytes: number;
}

export interface UnsupportedRequest {
  /** "setsockopt SOL_TCP TCP_ULP" */
  readonly what: string;
  readonly count: number;
}

/** One thing that a machine allows, or allows in part, or not. */
export interface Finding {
  readonly what: string;
  readonly state: 'ok' | 'limited' | 'no';
  /** The cause, and what works all the same. */
  readonly text: string;
}
