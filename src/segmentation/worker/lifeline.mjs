/**
 * Ends the process as soon as its parent is gone. A thread of its own, since the main thread may be inside a network run
 * for many seconds: when the parent ends, however it ends, the kernel closes its end of this pipe.
 */
import { Socket } from 'node:net';
import process from 'node:process';

/** Place of the pipe among the file descriptors that the parent hands over (`LIFELINE_PIPE`). */
const LIFELINE = 5;

const pipe = new Socket({ fd: LIFELINE, readable: true, writable: false });
const end = () => process.kill(process.pid, 'SIGKILL');
pipe.on('error', end).on('close', end).resume();
