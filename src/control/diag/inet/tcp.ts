import { ECONNABORTED } from '../../../base/errno.js';
import type { Timer } from '../../../base/timer-wheel.js';
import { l3DomainOfIndex } from '../../../net/core/l3mdev.js';
import { TCP_LISTEN, TCP_SYN_RECV } from '../../../net/tcp/constants.js';
import { ConnectionKey, ENDPOINT_SOCKET, ENDPOINT_TIME_WAIT } from '../../../net/tcp/demux.js';
import { tcpInfo } from '../../../net/tcp/info.js';
import { dropRequest } from '../../../net/tcp/listen.js';
import { TcpRequest } from '../../../net/tcp/request.js';
import { TcpSocket } from '../../../net/tcp/socket.js';
import { type Tcb, TIMER_NONE, TIMER_PROBE } from '../../../net/tcp/tcb.js';
import type { Tcp, TcpEndpoint } from '../../../net/tcp/tcp.js';
import { TimeWait } from '../../../net/tcp/time-wait.js';
import {
  INET_DIAG_CONG,
  INET_DIAG_INFO,
  type InetDiagAttributes,
  TIMER_KEEPALIVE,
  TIMER_ON,
  TIMER_PERSIST,
  TIMER_TIMEWAIT,
} from '../../../netlink/diag/inet.js';
import { PROTOCOL } from '../../../wire/tcp.js';
import type { InetEntry } from './entry.js';
import { type InetDiagProtocol, readWords, stateWanted } from './protocol.js';

const key = new ConnectionKey();

/** Milliseconds until a timer fires. */
const msUntil = (tcp: Tcp, timer: Timer): number => (timer.armed ? Math.max(0, Math.floor((timer.expiresUs - tcp.stack.nowUs) / 1000)) : 0);

/** Linux: inet_sk_diag_fill(), tcp_diag_get_info() */
function takeSocket(sk: Tcb, entry: InetEntry): void {
  entry.takeSocket(sk);
  entry.state = sk.state;
  // Without a user, or waiting to be accepted, there is no file.
  if (sk.orphan || sk.parent !== null) entry.inode = 0;
  if (sk.state === TCP_LISTEN) {
    entry.rqueue = sk.listenQueue?.length ?? 0;
    entry.wqueue = sk.listenQueue?.maxBacklog ?? 0;
    return;
  }
  entry.rqueue = Math.max(0, (sk.rcvNxt - sk.copiedSeq) | 0);
  entry.wqueue = Math.max(0, (sk.writeSeq - sk.sndUna) | 0);
  if (sk.pendingTimer === TIMER_PROBE) {
    entry.timer = TIMER_PERSIST;
    entry.retrans = sk.probesOut;
    entry.expires = msUntil(sk.tcp, sk.retransmitTimer);
  } else if (sk.pendingTimer !== TIMER_NONE) {
    entry.timer = TIMER_ON;
    entry.retrans = sk.retransmits;
    entry.expires = msUntil(sk.tcp, sk.retransmitTimer);
  } else if (sk.keepaliveTimer.armed) {
    entry.timer = TIMER_KEEPALIVE;
    entry.retrans = sk.probesOut;
    entry.expires = msUntil(sk.tcp, sk.keepaliveTimer);
  }
}

/** What is no socket, or none yet: its names are in the table of connections alone. */
function takeNames(tcp: Tcp, endpoint: TcpRequest | TimeWait, entry: InetEntry): void {
  tcp.endpoints.keyOf(endpoint, key);
  entry.subject = endpoint;
  entry.socket = null;
  entry.family = endpoint.family;
  entry.local.set(key.local);
  entry.remote.set(key.remote);
  entry.localPort = key.localPort;
  entry.remotePort = key.remotePort;
  entry.rqueue = 0;
  entry.wqueue = 0;
  entry.uid = 0;
  entry.inode = 0;
  entry.mark = endpoint.mark;
  entry.portLocked = true;
  entry.expires = msUntil(tcp, endpoint.timer);
}

function takeEndpoint(tcp: Tcp, endpoint: TcpEndpoint, entry: InetEntry): void {
  if (endpoint.kind === ENDPOINT_SOCKET) {
    takeSocket(endpoint, entry);
    return;
  }
  takeNames(tcp, endpoint, entry);
  if (endpoint.kind === ENDPOINT_TIME_WAIT) {
    // Linux: inet_twsk_diag_fill()
    entry.state = endpoint.substate;
    entry.ifindex = endpoint.boundIfindex;
    entry.timer = TIMER_TIMEWAIT;
    entry.retrans = 0;
    return;
  }
  // Linux: inet_req_diag_fill()
  entry.state = TCP_SYN_RECV;
  entry.ifindex = endpoint.ifindex;
  entry.timer = TIMER_ON;
  entry.retrans = endpoint.retransmits;
}

const stateOf = (endpoint: TcpEndpoint): number => {
  if (endpoint.kind === ENDPOINT_SOCKET) return endpoint.state;
  return endpoint.kind === ENDPOINT_TIME_WAIT ? endpoint.substate : TCP_SYN_RECV;
};

export const tcpDiag: InetDiagProtocol = {
  protocol: PROTOCOL,

  // Linux: inet_diag_dump_icsk()
  *entries({ tcp }, family, states, entry) {
    if (stateWanted(states, TCP_LISTEN)) {
      const listeners = [...tcp.listeners.values()].filter((sk) => sk.family === family);
      for (const sk of listeners.sort((a, b) => a.local.port - b.local.port)) {
        if (sk.state !== TCP_LISTEN) continue;
        takeSocket(sk, entry);
        yield;
      }
    }
    if ((states & ~(1 << TCP_LISTEN)) === 0) return;
    for (const endpoint of tcp.endpoints.values()) {
      if (endpoint.family !== family || !stateWanted(states, stateOf(endpoint))) continue;
      takeEndpoint(tcp, endpoint, entry);
      yield;
    }
  },

  // Linux: inet_diag_find_one_icsk()
  find(namespace, request, entry) {
    const { tcp } = namespace;
    key.domain = l3DomainOfIndex(namespace, request.ifindex);
    readWords(request.family, request.src0, request.src1, request.src2, request.src3, key.local);
    readWords(request.family, request.dst0, request.dst1, request.dst2, request.dst3, key.remote);
    key.localPort = request.sport;
    key.remotePort = request.dport;
    const found = tcp.endpoints.find(key) ?? tcp.listeners.find(key, request.ifindex, 0, false);
    if (found === null) return false;
    takeEndpoint(tcp, found, entry);
    return true;
  },

  describe({ socket }, ext) {
    if (!(socket instanceof TcpSocket)) return {};
    const attributes: { -readonly [K in keyof InetDiagAttributes]: InetDiagAttributes[K] } = {};
    if ((ext & (1 << (INET_DIAG_INFO - 1))) !== 0) attributes.info = tcpInfo(socket);
    if ((ext & (1 << (INET_DIAG_CONG - 1))) !== 0) attributes.cong = socket.congestion.name;
    return attributes;
  },

  // Linux: tcp_abort()
  destroy({ subject }) {
    if (subject instanceof TcpSocket) subject.abort(ECONNABORTED);
    else if (subject instanceof TimeWait) subject.end();
    else if (subject instanceof TcpRequest) dropRequest(subject);
  },
};
