/** A double of S3, with faults to order, and the real server of a test run if there is one. */

export { s3Refusal } from './answers.ts';
export { NO_REAL_S3, type RealS3, realS3 } from './real.ts';
export { S3Double, type S3DoubleOptions } from './server.ts';
export { startS3Process } from './start-process.ts';
