/** Packets and bytes of each of a NIC's queues. */
export class QueueCounters {
  readonly rxPackets: Float64Array;
  readonly rxBytes: Float64Array;
  readonly txPackets: Float64Array;
  readonly txBytes: Float64Array;

  constructor(queues: number) {
    this.rxPackets = new Float64Array(queues);
    this.rxBytes = new Float64Array(queues);
    this.txPackets = new Float64Array(queues);
    this.txBytes = new Float64Array(queues);
  }

  received(queue: number, bytes: number): void {
    this.rxPackets[queue]!++;
    this.rxBytes[queue]! += bytes;
  }

  sent(queue: number, bytes: number): void {
    this.txPackets[queue]!++;
    this.txBytes[queue]! += bytes;
  }
}
