/** Times as -t, -tt, -ttt, -tttt and -ttttt show them: ts_print(). */
export class Timestamps {
  readonly #style: number;
  readonly #nanoseconds: boolean;
  #referenceSeconds = 0;
  #referenceFraction = 0;
  /** The text of the last second shown: most packets are of the same. */
  #second = -1;
  #secondText = '';

  /** `style`: how often -t was given. */
  constructor(style: number, nanoseconds: boolean) {
    this.#style = style;
    this.#nanoseconds = nanoseconds;
  }

  /** `fraction` in microseconds or nanoseconds, as the constructor was told. */
  text(seconds: number, fraction: number): string {
    switch (this.#style) {
      case 1:
        return '';
      case 2:
        return seconds >= 0x80000000 ? '[Error converting time] ' : `${seconds}${this.#fraction(fraction)} `;
      case 3:
      case 5:
        return this.#difference(seconds, fraction);
      default:
        return seconds >= 0x80000000 ? '[Error converting time] ' : `${this.#local(seconds)}${this.#fraction(fraction)} `;
    }
  }

  #fraction(fraction: number): string {
    // A digit in front, and cut off again, is faster than filling up with zeros.
    const unit = this.#nanoseconds ? 1_000_000_000 : 1_000_000;
    return fraction < unit ? `.${String(unit + fraction).slice(1)}` : `.${fraction}`;
  }

  #local(seconds: number): string {
    if (seconds === this.#second) return this.#secondText;
    const date = new Date(seconds * 1000);
    const time = clock(date.getHours(), date.getMinutes(), date.getSeconds());
    this.#second = seconds;
    this.#secondText = this.#style === 4 ? `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}` : time;
    return this.#secondText;
  }

  #difference(seconds: number, fraction: number): string {
    if (this.#referenceSeconds === 0 && this.#referenceFraction === 0) this.#setReference(seconds, fraction);
    let apart = seconds - this.#referenceSeconds;
    let apartFraction = fraction - this.#referenceFraction;
    const negative = apart < 0 || (apart === 0 && apartFraction < 0);
    if (negative) {
      apart = -apart;
      apartFraction = -apartFraction;
    }
    if (apartFraction < 0) {
      apart--;
      apartFraction += this.#nanoseconds ? 1_000_000_000 : 1_000_000;
    }
    if (this.#style === 3) this.#setReference(seconds, fraction);
    const time = clock(Math.floor(apart / 3600) % 24, Math.floor(apart / 60) % 60, apart % 60);
    return `${negative ? '-' : ' '}${time}${this.#fraction(apartFraction)} `;
  }

  #setReference(seconds: number, fraction: number): void {
    this.#referenceSeconds = seconds;
    this.#referenceFraction = fraction;
  }
}

const two = (value: number) => (value < 10 ? `0${value}` : String(value));
const clock = (hours: number, minutes: number, seconds: number) => `${two(hours)}:${two(minutes)}:${two(seconds)}`;
