import { existsSync, writeFileSync } from 'node:fs';
import { Flow, param, step, type View } from 'varve';

/** Another flow of the same file. */
export class Labels extends Flow {
  text = 'A4';

  @step()
  print() {
    this.text = `${this.text} on ${process.pid}`;
  }
}

/** Weighs three sheets, each cut from a large one. The parameter `trouble` says what goes wrong on the way. */
export default class Sheets extends Flow {
  trouble = param.string('none');
  /** Path of a file that is written when the sheet `b` is on the scales. */
  marker = param.string('');
  names = ['a', 'b', 'c'];

  large!: Uint8Array;
  factor!: { readonly times: number };
  weight!: number;
  worker!: number;
  total!: number;
  workers!: readonly number[];

  @step()
  cut() {
    this.large = new Uint8Array(3_000_000).fill(7);
    this.factor = { times: 2 };
    console.log(`cut ${this.large.length} bytes`);
  }

  @step({ after: 'cut', foreach: 'names', retry: { times: 1, backoff: '10ms' }, timeout: '20s' })
  async weigh(name: string, index: number) {
    this.worker = process.pid;
    if (name === 'b') await this.meetTrouble();
    this.weight = index + this.factor.times * (this.large.at(-1) ?? 0);
  }

  @step({ join: 'weigh' })
  sum(tasks: readonly View<Sheets>[]) {
    this.total = tasks.reduce((total, task) => total + task.weight, 0);
    this.workers = tasks.map((task) => task.worker);
  }

  /** Stands still for ever when told to. */
  @step({ after: 'sum', timeout: '300ms' })
  stamp() {
    if (this.trouble === 'slow') for (;;);
  }

  private async meetTrouble() {
    if (this.trouble === 'throw') throw new RangeError('the scales are broken');
    if (this.trouble === 'kill' && !existsSync(this.marker)) {
      writeFileSync(this.marker, String(process.pid));
      await new Promise(() => setInterval(() => {}, 1_000));
    }
    if (this.trouble === 'wait') {
      writeFileSync(this.marker, String(process.pid));
      await new Promise(() => setInterval(() => {}, 1_000));
    }
  }
}
