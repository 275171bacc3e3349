/** What is to be captured. */
export interface CaptureRequest {
  /** The device; 0: all of them. */
  readonly ifindex: number;
  /** Packets without their link-layer headers, as the device "any" has them. */
  readonly cooked: boolean;
  readonly promiscuous: boolean;
  /** An array of struct sock_filter that the kernel runs; null: every packet is wanted. */
  readonly program: Uint8Array | null;
  /** Bytes that are taken of a packet at most. */
  readonly snapshot: number;
  /** Bytes of the socket's buffer; 0: as it is. */
  readonly bufferBytes: number;
}

/** Packets as they come, one after the other: the fields are those of the present one, until the next call of next(). */
export interface PacketCapture {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** The packet is `bytes[start .. end)`; before it there is room for headers of HEADROOM bytes. */
  readonly start: number;
  readonly end: number;
  /** Length before it was cut. */
  readonly length: number;
  readonly seconds: number;
  readonly nanoseconds: number;
  // struct sockaddr_ll
  readonly ifindex: number;
  readonly hardwareType: number;
  readonly packetType: number;
  readonly protocol: number;
  readonly addressLength: number;
  /** Eight bytes of it. */
  readonly address: Uint8Array;
  /** The VLAN tag that the device took out, TPID and TCI; -1: none. */
  readonly tag: number;
  /** Moves to the next packet; false: none is there now. Throws NetError: ENETDOWN when the device went down. */
  next(): boolean;
  /** Resolves when a packet may be there, or when `signal` aborts. */
  wait(signal: AbortSignal): Promise<void>;
  /** Packets that passed the filter, and those that were lost for want of room, since the last call. */
  statistics(): Promise<{ readonly received: number; readonly dropped: number }>;
  close(): void;
}

export const HEADROOM = 32;

export interface CaptureMaker {
  /** Throws NetError: EPERM, ENODEV, ... */
  open(request: CaptureRequest): Promise<PacketCapture>;
}
