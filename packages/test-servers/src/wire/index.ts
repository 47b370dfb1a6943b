/** What goes over the wire to any double: requests and answers, faults to order, large reads, and a server in a process of its own. */

export { exchange, type Handler, IDLE_MS } from './exchange.ts';
export { type Fault, type FaultMatch, type FaultRule, Faults, type Reply, type SeenRequest } from './faults.ts';
export { OTHER_ANSWERS, typed, WEB_PAGE } from './other-answers.ts';
export {
  expectBytes,
  MIB,
  noise,
  PART,
  PART_FAULTS,
  partHeaders,
  partsBy,
  readAll,
  readWhile,
  SIZES,
  until,
} from './reads.ts';
export { type ServerProcess, startProcess } from './start-process.ts';
