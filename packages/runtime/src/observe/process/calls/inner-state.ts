import asyncHooks, { AsyncResource } from 'node:async_hooks';
import inspector from 'node:inspector';
import perfHooks from 'node:perf_hooks';
import util from 'node:util';
import v8 from 'node:v8';
import { watchGetter, watchMethod, watchProperty } from '../../shared/disguise.ts';
import { noteCall, notingUsers, refuseUse } from './note-call.ts';

/** Bindings that look at nothing outside of the process: old packages ask for them by habit. */
const HARMLESS = new Set(
  `async_wrap buffer config constants contextify crypto http_parser icu inspector js_stream natives signal_wrap
  stream_wrap string_decoder tty_wrap url util uv zlib`.split(/\s+/),
);

/** Figures of the heap, and pictures of it. */
const HEAP = [
  ...['getHeapStatistics', 'getHeapSpaceStatistics', 'getHeapCodeStatistics', 'getCppHeapStatistics', 'queryObjects'],
  ...['getHeapSnapshot', 'writeHeapSnapshot', 'takeCoverage', 'startCpuProfile'],
];

/** Observes what Node tells of itself: never the same twice, and of no use but for people who watch it. */
export function installInnerState(): void {
  const figures: readonly [owner: object, prefix: string, keys: readonly string[]][] = [
    [process, 'process', ['getActiveResourcesInfo', '_getActiveHandles', '_getActiveRequests', 'availableMemory']],
    [process, 'process', ['threadCpuUsage', 'kill', '_kill']],
    [asyncHooks, 'async_hooks', ['executionAsyncId', 'triggerAsyncId']],
    [AsyncResource.prototype, 'AsyncResource', ['asyncId', 'triggerAsyncId']],
    [perfHooks, 'perf_hooks', ['monitorEventLoopDelay', 'eventLoopUtilization']],
    [Object.getPrototypeOf(performance), 'performance', ['eventLoopUtilization', 'toJSON']],
    [v8, 'v8', HEAP],
    [inspector, 'inspector', ['url', 'open', 'waitForDebugger']],
    [inspector.Session.prototype, 'inspector.Session', ['connect', 'connectToMainThread', 'post']],
  ];
  for (const [owner, prefix, keys] of figures)
    for (const key of keys) watchMethod(owner, key, notingUsers(`${prefix}.${key}`));
  watchProperty(process, 'execArgv', notingUsers('process.execArgv'));
  watchReport();
  watchBindings();
  watchArguments();
}

/** Observes reports, which hold all variables, the machine and the moment. Packages ask them only for the C library. */
function watchReport(): void {
  watchProperty(process, 'report', (getter) => refuseUse('process.report', getter, { isUsersOnly: true }));
}

/** Observes `process.binding`: Node's native side does what all modules do, and nobody watches it. */
function watchBindings(): void {
  for (const key of ['binding', '_linkedBinding']) {
    watchMethod(process, key, (wrapper, [name]) => {
      if (!HARMLESS.has(String(name))) refuseUse(`process.${key}`, wrapper);
    });
  }
}

/** Observes `parseArgs`, which takes the arguments of the process when it is given none. */
function watchArguments(): void {
  watchMethod(util, 'parseArgs', (wrapper, [config]) => {
    const { args } = (config ?? {}) as { readonly args?: unknown };
    if (args === undefined) noteCall('util.parseArgs', wrapper, { isUsersOnly: true });
  });
}

/** Observes standard input: nobody can read it a second time. */
export function installStandardInput(): void {
  watchProperty(process, 'stdin', (getter) => refuseUse('process.stdin', getter));
  watchMethod(process, 'openStdin', (wrapper) => refuseUse('process.openStdin', wrapper));
}

/** Observes moments and durations that objects hold. */
export function installTimings(): void {
  const { prototype } = perfHooks.PerformanceEntry;
  for (const key of ['startTime', 'duration'])
    watchGetter(prototype, key, (getter) => noteCall(`PerformanceEntry.${key}`, getter));
  watchMethod(prototype, 'toJSON', (wrapper) => noteCall('PerformanceEntry.toJSON', wrapper));
  watchStart();
  watchGetter(Event.prototype, 'timeStamp', (getter) => noteCall('Event.timeStamp', getter));
}

/** Observes the moments of this thread's start. Their accessors cannot be replaced: a Proxy stands in for their object. */
function watchStart(): void {
  const owner = Object.getPrototypeOf(performance) as object;
  const descriptor = Object.getOwnPropertyDescriptor(owner, 'nodeTiming');
  if (!descriptor?.configurable || typeof descriptor.value !== 'object') return;
  const original = descriptor.value as object;
  const get = (_: unknown, key: unknown): unknown => {
    noteCall('performance.nodeTiming', get);
    return Reflect.get(original, key as string);
  };
  Object.defineProperty(owner, 'nodeTiming', { ...descriptor, value: new Proxy(original, { get }) });
}
