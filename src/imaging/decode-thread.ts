/** Thread that decodes frames into a shared volume, one after the other. */
import { workerData } from 'node:worker_threads';

import { answerTasks } from '../threads/index.ts';

import { decodeInto } from './frame-task.ts';
import type { FrameTask } from './frame-task.ts';

const voxels = new Float32Array(workerData as SharedArrayBuffer);

answerTasks((task: FrameTask) => decodeInto(voxels, task));
