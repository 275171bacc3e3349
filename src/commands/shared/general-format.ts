/** printf's %g: `digits` significant ones (6 unless told), no zeros at the end, an exponent where the number is very large or small. */
export function general(value: number, digits = 6): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const [mantissa = '', exponent = '0'] = value.toExponential(digits - 1).split('e');
  const power = Number(exponent);
  if (power < -4 || power >= digits) {
    const sign = power < 0 ? '-' : '+';
    return `${withoutZeros(mantissa)}e${sign}${String(Math.abs(power)).padStart(2, '0')}`;
  }
  return withoutZeros(value.toFixed(Math.max(0, digits - 1 - power)));
}

const withoutZeros = (text: string) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
