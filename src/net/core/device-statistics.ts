/** struct rtnl_link_stats64: packets and bytes a device saw. Plain numbers, exact to 2^53. */
export class DeviceStatistics {
  rxPackets = 0;
  txPackets = 0;
  rxBytes = 0;
  txBytes = 0;
  rxErrors = 0;
  txErrors = 0;
  rxDropped = 0;
  txDropped = 0;
  multicast = 0;
  collisions = 0;
  rxLengthErrors = 0;
  rxOverErrors = 0;
  rxCrcErrors = 0;
  rxFrameErrors = 0;
  rxFifoErrors = 0;
  rxMissedErrors = 0;
  txAbortedErrors = 0;
  txCarrierErrors = 0;
  txFifoErrors = 0;
  txHeartbeatErrors = 0;
  txWindowErrors = 0;
  rxCompressed = 0;
  txCompressed = 0;
  rxNohandler = 0;
  rxOtherhostDropped = 0;
}

const counters = Object.keys(new DeviceStatistics()) as (keyof DeviceStatistics)[];

/** Adds to `sum` what `now` has more than `seen`, which then is the same. */
export function addStatistics(sum: DeviceStatistics, now: DeviceStatistics, seen: DeviceStatistics): void {
  for (const counter of counters) {
    sum[counter] += now[counter] - seen[counter];
    seen[counter] = now[counter];
  }
}
