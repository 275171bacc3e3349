import type { NetError } from '../base/net-error.js';
import {
  align4,
  NLM_F_ACK_TLVS,
  NLM_F_CAPPED,
  NLMSG_ERROR,
  NLMSG_HDRLEN,
  NLMSGERR_ATTR_MSG,
  NLMSGERR_ATTR_OFFS,
} from '../netlink/constants.js';
import type { NetlinkMessage } from '../netlink/message.js';
import type { MessageWriter } from '../netlink/writer.js';

export interface AnswerOptions {
  /** NETLINK_EXT_ACK */
  readonly extendedAck: boolean;
  /** NETLINK_CAP_ACK */
  readonly cappedAck: boolean;
}

/** NLMSG_ERROR with `error`, or with null the acknowledgement; `warning` is what an accepted request is told. Linux: netlink_ack() */
export function writeAnswer(
  writer: MessageWriter,
  request: NetlinkMessage,
  portId: number,
  error: NetError | null,
  options: AnswerOptions,
  warning?: string,
): void {
  const whole = error !== null && !options.cappedAck;
  const text = error === null ? warning : error.extack;
  const offset = error?.offset;
  const tlvs = options.extendedAck && (text !== undefined || offset !== undefined);
  writer.begin(NLMSG_ERROR, (whole ? 0 : NLM_F_CAPPED) | (tlvs ? NLM_F_ACK_TLVS : 0), request.sequence, portId);
  writer.s32(error === null ? 0 : -error.errno);
  const length = whole ? request.end - request.start : NLMSG_HDRLEN;
  writer.raw(request.bytes.subarray(request.start, request.start + length));
  if (tlvs) {
    writer.zeros(align4(length) - length);
    writeExtendedAck(writer, text, offset);
  }
  writer.end();
}

export function writeExtendedAck(writer: MessageWriter, text: string | undefined, offset: number | undefined): void {
  if (text !== undefined) writer.attributeString(NLMSGERR_ATTR_MSG, text);
  if (offset !== undefined) writer.attributeU32(NLMSGERR_ATTR_OFFS, offset);
}
