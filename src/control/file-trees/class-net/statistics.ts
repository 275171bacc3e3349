import type { NetDevice } from '../../../net/core/device.js';

/** /sys/class/net/DEVICE/statistics: struct rtnl_link_stats64 by its names. */
export const statistics: Readonly<Record<string, (device: NetDevice) => number>> = {
  collisions: ({ statistics: s }) => s.collisions,
  multicast: ({ statistics: s }) => s.multicast,
  rx_bytes: ({ statistics: s }) => s.rxBytes,
  rx_compressed: ({ statistics: s }) => s.rxCompressed,
  rx_crc_errors: ({ statistics: s }) => s.rxCrcErrors,
  rx_dropped: ({ statistics: s }) => s.rxDropped,
  rx_errors: ({ statistics: s }) => s.rxErrors,
  rx_fifo_errors: ({ statistics: s }) => s.rxFifoErrors,
  rx_frame_errors: ({ statistics: s }) => s.rxFrameErrors,
  rx_length_errors: ({ statistics: s }) => s.rxLengthErrors,
  rx_missed_errors: ({ statistics: s }) => s.rxMissedErrors,
  rx_nohandler: ({ statistics: s }) => s.rxNohandler,
  rx_over_errors: ({ statistics: s }) => s.rxOverErrors,
  rx_packets: ({ statistics: s }) => s.rxPackets,
  tx_aborted_errors: ({ statistics: s }) => s.txAbortedErrors,
  tx_bytes: ({ statistics: s }) => s.txBytes,
  tx_carrier_errors: ({ statistics: s }) => s.txCarrierErrors,
  tx_compressed: ({ statistics: s }) => s.txCompressed,
  tx_dropped: ({ statistics: s }) => s.txDropped,
  tx_errors: ({ statistics: s }) => s.txErrors,
  tx_fifo_errors: ({ statistics: s }) => s.txFifoErrors,
  tx_heartbeat_errors: ({ statistics: s }) => s.txHeartbeatErrors,
  tx_packets: ({ statistics: s }) => s.txPackets,
  tx_window_errors: ({ statistics: s }) => s.txWindowErrors,
};
