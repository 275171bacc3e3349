import * as wire from '../../wire/tcp.js';
import { l3DomainOfIndex } from '../core/l3mdev.js';
import { forgetRequest, timedOut } from './close.js';
import { RTO_MAX_US, TIMEOUT_INIT_US } from './constants.js';
import type { ConnectionKey } from './demux.js';
import { sendSynAck } from './listen.js';
import { armTimer, rearmRto } from './rearm.js';
import { enterLoss } from './recovery.js';
import { TIMER_RETRANSMIT, type Tcb } from './tcb.js';

// The rest of the handshake of a connection that Fast Open made before it was complete.

/** The handshake is complete after all (tcp_rcv_synrecv_state_fastopen()). */
export function completeFastOpen(sk: Tcb): void {
  forgetRequest(sk);
  sk.retransmits = 0;
  sk.retransStartUs = -1;
  rearmRto(sk);
}

const keyOf = (sk: Tcb): ConnectionKey => sk.tcp.key.set(sk.local, sk.remote, l3DomainOfIndex(sk.namespace, sk.boundIfindex));

/** The SYN came again: so does our SYN-ACK. */
export function repeatFastOpen(sk: Tcb): void {
  const request = sk.fastOpenRequest!;
  if (!sendSynAck(request, keyOf(sk))) return;
  request.retransmits++;
  sk.tcp.stats.RetransSegs++;
  sk.tcp.stats.TCPSynRetrans++;
}

/** No ACK of the SYN-ACK came: it is repeated, once more often than others (tcp_fastopen_synack_timer()). */
export function fastOpenTimeout(sk: Tcb): void {
  const request = sk.fastOpenRequest!;
  const most = sk.synRetries !== 0 ? sk.synRetries : sk.tcp.settings.synackRetries + 1;
  if (request.timeouts >= most) {
    timedOut(sk);
    return;
  }
  // What was sent in answer cannot be judged before the handshake is complete.
  if (request.timeouts === 1) enterLoss(sk);
  repeatFastOpen(sk);
  request.timeouts++;
  armTimer(sk, TIMER_RETRANSMIT, Math.min(TIMEOUT_INIT_US * 2 ** request.timeouts, RTO_MAX_US));
}

/** Whether the segment at `skb.data` is the SYN of `sk`'s handshake once more. */
export function isSynAgain(sk: Tcb, flags: number, seq: number): boolean {
  return sk.fastOpenRequest !== null && (flags & (wire.SYN | wire.ACK | wire.RST)) === wire.SYN && seq === sk.fastOpenRequest.remoteIsn;
}
