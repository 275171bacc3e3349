import { US_PER_SECOND } from '../../base/clock.js';

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (number: number) => String(number).padStart(2, '0');

/** As asctime(3) writes local time. */
export function asctime(date: Date): string {
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${days[date.getDay()]} ${months[date.getMonth()]} ${String(date.getDate()).padStart(2)} ${clock} ${date.getFullYear()}`;
}

/** What -timestamp and -tshort put before an event; `nowUs` since 1970. */
export function timestampText(nowUs: number, short: boolean): string {
  const date = new Date(Math.floor(nowUs / 1000));
  const micro = Math.floor(nowUs % US_PER_SECOND);
  if (!short) return `Timestamp: ${asctime(date)} ${micro} usec\n`;
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `[${day}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(micro).padStart(6, '0')}] `;
}
