import type { ReceiveInfo, Socket } from '../../net/core/socket.js';
import type { Expression } from '../language/ast.js';
import { field, fields, integer, isEllipsis, list } from './arguments.js';

/** A control message as it was received: level, type, and its data in the form that scripts write. */
export interface ControlMessage {
  readonly level: number;
  readonly type: number;
  readonly data: number | ExtendedError | Stamp;
}

interface ExtendedError {
  readonly ee_errno: number;
  readonly ee_origin: number;
  readonly ee_type: number;
  readonly ee_code: number;
  readonly ee_info: number;
  readonly ee_data: number;
}

interface Stamp {
  readonly scm_sec: number;
  readonly scm_nsec: number;
}

const SOL_IP = 0;
const SOL_IPV6 = 41;
const IP_RECVERR = 11;
const IPV6_RECVERR = 25;
const AF_INET6 = 10;

/** What a receive call told beside the bytes. */
function controlMessages(info: ReceiveInfo, socket: Socket): ControlMessage[] {
  const messages: ControlMessage[] = [];
  if (info.errorOrigin !== 0) {
    const v6 = socket.family === AF_INET6 && info.errorOrigin === 3;
    messages.push({
      level: v6 ? SOL_IPV6 : SOL_IP,
      type: v6 ? IPV6_RECVERR : IP_RECVERR,
      data: {
        ee_errno: info.errorNumber,
        ee_origin: info.errorOrigin,
        ee_type: info.errorType,
        ee_code: info.errorCode,
        ee_info: info.errorInfo,
        ee_data: 0,
      },
    });
  }
  return messages;
}

/** What differs between `[{cmsg_level=..., cmsg_type=..., cmsg_data=...}]` and what came; null: nothing. */
export function checkControl(expected: Expression | undefined, info: ReceiveInfo, socket: Socket): string | null {
  if (isEllipsis(expected)) return null;
  const actual = controlMessages(info, socket);
  const wanted = list(expected, 'msg_control');
  if (wanted.length !== actual.length) return `bad msg_control: expected ${wanted.length} messages vs actual ${actual.length}`;
  for (const [i, expression] of wanted.entries()) {
    const message = fields(expression, 'cmsg');
    const problem = checkOne(message, actual[i]!);
    if (problem !== null) return `bad msg_control[${i}]: ${problem}`;
  }
  return null;
}

function checkOne(message: ReturnType<typeof fields>, actual: ControlMessage): string | null {
  const differs = (name: string, wanted: number, got: number) => (wanted === got ? null : `${name}: expected: ${wanted} vs actual: ${got}`);
  const level = differs('cmsg_level', integer(field(message, 'cmsg_level'), 'cmsg_level'), actual.level);
  const type = differs('cmsg_type', integer(field(message, 'cmsg_type'), 'cmsg_type'), actual.type);
  if (level !== null || type !== null) return level ?? type;
  const data = field(message, 'cmsg_data');
  if (isEllipsis(data)) return null;
  if (typeof actual.data === 'number') return differs('cmsg_data', integer(data, 'cmsg_data'), actual.data);
  for (const [name, got] of Object.entries(actual.data)) {
    const value = field(fields(data, 'cmsg_data'), name);
    if (isEllipsis(value)) continue;
    const problem = differs(name, integer(value, name), got);
    if (problem !== null) return problem;
  }
  return null;
}
