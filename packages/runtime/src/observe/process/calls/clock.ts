import { disguise, watchGetter, watchMethod } from '../../shared/disguise.ts';
import { noteCall } from './note-call.ts';

/** Observes reads of the clock besides those of `Date`. Reads of Node itself go past this: it keeps the originals. */
export function installClock(): void {
  const timer = Object.getPrototypeOf(performance);
  watchMethod(timer, 'now', (wrapper) => noteCall('performance.now', wrapper));
  watchGetter(timer, 'timeOrigin', (getter) => noteCall('performance.timeOrigin', getter));
  const { bigint } = process.hrtime;
  const wrapper = {
    bigint(): bigint {
      noteCall('process.hrtime', wrapper.bigint);
      return Reflect.apply(bigint, process.hrtime, []);
    },
  };
  watchMethod(process, 'hrtime', (hrtime) => noteCall('process.hrtime', hrtime));
  process.hrtime.bigint = disguise(wrapper.bigint, bigint);
  watchMethod(process, 'uptime', (uptime) => noteCall('process.uptime', uptime));
}
