import type { ProcNetView } from './view.js';

/** linux/snmp.h, LINUX_MIB_XFRM*: there are no policies, so nothing of them is ever counted. */
const counters = [
  ...['InError', 'InBufferError', 'InHdrError', 'InNoStates', 'InStateProtoError', 'InStateModeError', 'InStateSeqError', 'InStateExpired'],
  ...['InStateMismatch', 'InStateInvalid', 'InTmplMismatch', 'InNoPols', 'InPolBlock', 'InPolError', 'OutError', 'OutBundleGenError'],
  ...['OutBundleCheckError', 'OutNoStates', 'OutStateProtoError', 'OutStateModeError', 'OutStateSeqError', 'OutStateExpired'],
  ...['OutPolBlock', 'OutPolDead', 'OutPolError', 'FwdHdrError', 'OutStateInvalid', 'AcquireError'],
];

/** /proc/net/xfrm_stat. Linux: xfrm_statistics_seq_show() */
export const xfrmStat: ProcNetView = {
  path: 'xfrm_stat',
  text: () => counters.map((name) => `${`Xfrm${name}`.padEnd(24)}\t0\n`).join(''),
};
