// Memories of plug-in modules, made by hand by the tables of SFF-8472, SFF-8636 and CMIS.

/** Bytes by their numbers: numbers one byte each, text without an end. */
type Fields = Readonly<Record<number, readonly number[] | string>>;

function memory(size: number, fields: Fields): Uint8Array {
  const bytes = new Uint8Array(size);
  for (const [at, field] of Object.entries(fields))
    bytes.set(typeof field === 'string' ? new TextEncoder().encode(field) : field, Number(at));
  return bytes;
}

/** Big-endian numbers of 16 bits. */
const words = (...values: readonly number[]) => values.flatMap((value) => [(value >>> 8) & 0xff, value & 0xff]);
/** The four bounds of a quantity of an SFP and a QSFP: high alarm, low alarm, high warning, low warning. */
const TEMPERATURES = words(90 * 256, -10 * 256, 85 * 256, -5 * 256);
const VOLTAGES = words(37_000, 29_000, 36_000, 30_000);
const BIASES = words(8500, 500, 7000, 1000);
const SENT = words(6310, 1259, 5623, 1585);
const RECEIVED = words(12_589, 251, 10_000, 398);

const sfpIdentity: Fields = {
  0: [3, 4, 7, 0x10, 0, 0, 0, 0x20, 0x40, 4, 0, 6, 103, 0, 0, 0, 8, 3, 0, 30],
  20: 'ACME            ',
  37: [0x00, 0x30, 0xd3],
  40: 'SFP-10G-SR      1.0 ',
  60: words(850),
  64: [0, 0x1a, 0, 0],
  68: 'H31908070001    190807  ',
};

/** 10G Base-SR with diagnostics, one of its warnings on. */
export const opticalSfp = memory(512, {
  ...sfpIdentity,
  92: [0x68, 0x80],
  256: [...TEMPERATURES, ...VOLTAGES, ...BIASES, ...SENT, ...RECEIVED],
  352: words(10_903, 32_820, 3493, 4678, 0),
  368: [0x02, 0x40],
  372: [0x80, 0x40],
});

/** The same, whose readings are to be calibrated outside: slopes of 1.5, offsets of 10, received power by 2 x + 3. */
export const uncalibratedSfp = memory(512, {
  ...sfpIdentity,
  92: [0x50, 0x80],
  256: [...TEMPERATURES, ...VOLTAGES, ...BIASES, ...SENT, ...RECEIVED],
  324: [0x40, 0, 0, 0, 0x40, 0x40, 0, 0, ...words(384, 10, 384, 10, 384, 10, 384, 10)],
  352: words(10_903, 20_000, 3493, 4678, 440),
});

/** A passive cable of one metre, without diagnostics. */
export const copperSfp = memory(256, {
  ...sfpIdentity,
  0: [3, 4, 0x21, 0, 0, 0, 0, 0, 4, 0, 0, 0, 255, 0, 0, 0, 0, 0, 1, 0],
  36: [0x0d],
  60: [1, 0],
  66: [103, 5],
});

/** 100G Base-SR4 with two channels at work, and bounds on page 03h. */
export const qsfp = memory(640, {
  0: [0x11, 7, 0],
  6: [0x10, 0x20],
  9: [0x80, 0x04, 0x40, 0x01, 0x20, 0x02],
  22: words(37 * 256 + 32),
  26: words(32_759),
  34: words(8000, 0, 7500, 1),
  42: words(3375, 0, 3300, 0),
  50: words(9000, 0, 8800, 0),
  93: [0x05],
  128: [0x11, 0xce, 0x0c, 0x80, 0, 0, 0, 0, 0, 0, 0, 5, 255, 0, 0, 35, 0, 0, 50, 0],
  148: 'ACME            ',
  165: [0x00, 0x02, 0xc9],
  168: 'QSFP28-SR4-100G A1',
  186: words(17_000, 2000),
  192: [2],
  196: 'G0123456789     200131  ',
  220: [0x0c],
  222: [103],
  512: TEMPERATURES,
  528: VOLTAGES,
  560: RECEIVED,
  568: BIASES,
  576: SENT,
});

/** A QSFP+ cable of copper with one page. */
export const copperQsfp = memory(256, {
  0: [0x0d, 2, 4],
  128: [0x0d, 0, 0x23, 0x08, 0, 0, 0, 0, 0, 0, 0, 0, 103, 0, 0, 0, 0, 0, 2, 0xa0],
  148: 'ACME            ',
  165: [0x00, 0x02, 0xc9],
  168: 'MC2206130-002   A3',
  186: [4, 6, 9, 0],
  196: 'MT1234          130823  ',
});

/** The pages of a QSFP-DD with eight lanes of light: 00h, 01h, 02h, and 11h far behind them. */
export const qsfpDd = memory(128 * 19, {
  0: [0x18, 0x40, 0, 0x06],
  9: [0x41],
  14: words(45 * 256 + 32, 32_800),
  26: [0x40],
  128: [0x18],
  129: 'ACME            ',
  145: [0x00, 0x02, 0xc9],
  148: 'QSFP-DD-DR4     A1FS0123456789    210401  ABCDEFGHIJ',
  200: [0xa0, 48, 0x00, 0x0c],
  212: [4],
  260: [0x45, 35, 50, 35, 0],
  266: words(26_200, 1300),
  270: [0],
  287: [0x03, 0x0f, 0x03, 0x02],
  384: [...TEMPERATURES, ...VOLTAGES],
  432: [...SENT, ...BIASES, ...RECEIVED],
  // Page 11h: byte N of it lies at 17 * 128 + N.
  2315: [0x01, 0, 0, 0x80, 0, 0x02, 0, 0],
  2325: [0x10, 0, 0, 0],
  2330: words(9000, 8000, 7000, 6000, 5000, 4000, 3000, 2000),
  2346: words(3375, 3300, 3200, 3100, 3000, 2900, 2800, 2700),
  2362: words(8000, 7000, 6000, 5000, 4000, 3000, 1, 0),
});

/** A QSFP-DD cable of copper with one page. */
export const copperQsfpDd = memory(256, {
  0: [0x18, 0x30, 0x80, 0x06],
  128: [0x18],
  129: 'ACME            ',
  145: [0x00, 0x02, 0xc9],
  148: 'MCP1660-W001    A2MT0987          190807  ',
  200: [0x00, 1, 0x4f, 0x23, 5, 7, 11, 17],
  212: [0x0b],
});

export const modules: Readonly<Record<string, Uint8Array>> = {
  'optical-sfp': opticalSfp,
  'uncalibrated-sfp': uncalibratedSfp,
  'copper-sfp': copperSfp,
  qsfp,
  'copper-qsfp': copperQsfp,
  'qsfp-dd': qsfpDd,
  'copper-qsfp-dd': copperQsfpDd,
};
