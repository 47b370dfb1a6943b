/** Observers of everything but files and modules: variables, time zone, locale, machine, clock, chance, network, processes. */
export { installProcess } from './install.ts';
export { lookProcess } from './look.ts';
