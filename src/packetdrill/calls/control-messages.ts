import type { ReceiveInfo, Socket } from '../../net/core/socket.js';
import { CMSGHDR } from '../../net/core/send-control.js';
import type { Expression } from '../language/ast.js';
import type { Machine } from './machine.js';
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
const SOL_SOCKET = 1;
const SCM_TIMESTAMPING = 37;
const SOL_TCP = 6;
const TCP_CM_INQ = 36;
/** A header, an int, and what aligns the next. */
const INT_MESSAGE = CMSGHDR + 8;

/** What a receive call told beside the bytes. */
function controlMessages(info: ReceiveInfo, socket: Socket, startWallUs: number): ControlMessage[] {
  const messages: ControlMessage[] = [];
  if (info.left >= 0) messages.push({ level: SOL_TCP, type: TCP_CM_INQ, data: info.left });
  if (info.errorOrigin !== 0 && info.errorStampUs >= 0) {
    const us = info.errorStampUs - startWallUs;
    messages.push({ level: SOL_SOCKET, type: SCM_TIMESTAMPING, data: { scm_sec: Math.floor(us / 1e6), scm_nsec: (us % 1e6) * 1000 } });
  }
  if (info.errorOrigin !== 0) {
    const v6 = socket.family === AF_INET6;
    messages.push({
      level: v6 ? SOL_IPV6 : SOL_IP,
      type: v6 ? IPV6_RECVERR : IP_RECVERR,
      data: {
        ee_errno: info.errorNumber,
        ee_origin: info.errorOrigin,
        ee_type: info.errorType,
        ee_code: info.errorCode,
        ee_info: info.errorInfo,
        ee_data: info.errorData,
      },
    });
  }
  return messages;
}

/** `[{cmsg_level=SOL_IP, cmsg_type=IP_TOS, cmsg_data=16}]` as sendmsg() gets it: a struct cmsghdr each, an int behind it. */
export function controlBytes(expression: Expression | undefined): DataView {
  const messages = isEllipsis(expression) ? [] : list(expression, 'msg_control');
  const v = new DataView(new ArrayBuffer(messages.length * INT_MESSAGE));
  for (const [i, one] of messages.entries()) {
    const message = fields(one, 'cmsg');
    const number = (name: string) => integer(field(message, name), name);
    v.setUint32(i * INT_MESSAGE, CMSGHDR + 4, true);
    v.setInt32(i * INT_MESSAGE + 8, number('cmsg_level'), true);
    v.setInt32(i * INT_MESSAGE + 12, number('cmsg_type'), true);
    v.setInt32(i * INT_MESSAGE + CMSGHDR, number('cmsg_data'), true);
  }
  return v;
}

/** What differs between `[{cmsg_level=..., cmsg_type=..., cmsg_data=...}]` and what came; null: nothing. */
export function checkControl(expected: Expression | undefined, info: ReceiveInfo, socket: Socket, machine: Machine): string | null {
  if (isEllipsis(expected)) return null;
  const actual = controlMessages(info, socket, machine.startWallUs);
  const wanted = list(expected, 'msg_control');
  if (wanted.length !== actual.length) return `bad msg_control: expected ${wanted.length} messages vs actual ${actual.length}`;
  for (const [i, expression] of wanted.entries()) {
    const message = fields(expression, 'cmsg');
    const problem = checkOne(message, actual[i]!, machine.config.toleranceUs);
    if (problem !== null) return `bad msg_control[${i}]: ${problem}`;
  }
  return null;
}

function checkOne(message: ReturnType<typeof fields>, actual: ControlMessage, toleranceUs: number): string | null {
  const differs = (name: string, wanted: number, got: number) => (wanted === got ? null : `${name}: expected: ${wanted} vs actual: ${got}`);
  const level = differs('cmsg_level', integer(field(message, 'cmsg_level'), 'cmsg_level'), actual.level);
  const type = differs('cmsg_type', integer(field(message, 'cmsg_type'), 'cmsg_type'), actual.type);
  if (level !== null || type !== null) return level ?? type;
  const data = field(message, 'cmsg_data');
  if (isEllipsis(data)) return null;
  if (typeof actual.data === 'number') return differs('cmsg_data', integer(data, 'cmsg_data'), actual.data);
  if ('scm_sec' in actual.data) return checkStamp(fields(data, 'cmsg_data'), actual.data, toleranceUs);
  for (const [name, got] of Object.entries(actual.data)) {
    const value = field(fields(data, 'cmsg_data'), name);
    if (isEllipsis(value)) continue;
    const problem = differs(name, integer(value, name), got);
    if (problem !== null) return problem;
  }
  return null;
}

/** A time since the script began, as exact as all times are. */
function checkStamp(expected: ReturnType<typeof fields>, actual: Stamp, toleranceUs: number): string | null {
  const us = (seconds: number, nanoseconds: number) => seconds * 1e6 + nanoseconds / 1000;
  const wanted = us(integer(field(expected, 'scm_sec'), 'scm_sec'), integer(field(expected, 'scm_nsec'), 'scm_nsec'));
  const got = us(actual.scm_sec, actual.scm_nsec);
  return Math.abs(wanted - got) <= toleranceUs
    ? null
    : `timestamp: expected: ${(wanted / 1e6).toFixed(6)} vs actual: ${(got / 1e6).toFixed(6)} sec`;
}
