import {
  PRODUCT_NAME,
  type EncodedResult,
  type Labels,
  type SegmentationRun,
} from '../contracts/index.ts';
import { mergedStructures, shapeLabels } from '../imaging/index.ts';
import {
  encodeCapture,
  encodeSeg,
  encodeSr,
  resultIdentity,
  validateCapture,
  validateSeg,
  validateSr,
  type ResultInput,
  type ValidationFinding,
} from '../results/index.ts';
import type { EncodeAnswer, EncodeRequest } from './compute-calls.ts';

/** SEG, SR and pictures of a job as its rule orders them, each read back and judged by our own validator. */
export function encodeResults(request: EncodeRequest): EncodeAnswer {
  const { volume, order } = request;
  const input = resultInput(request);
  const results: EncodedResult[] = [];
  const found: ValidationFinding[] = [];
  const seg = order.seg === 'none' ? null : encodeSeg(input);
  if (seg !== null) {
    found.push(...validateSeg(seg.bytes, volume, input.encoding));
    results.push(seg);
  }
  if (order.sr) {
    const { findings, predecessor } = request;
    const sr = encodeSr({
      ...input,
      findings,
      segmentation: seg,
      ...(predecessor === null ? {} : { predecessor }),
    });
    found.push(...validateSr(sr.bytes, volume, seg?.bytes ?? null));
    results.push(sr);
  }
  if (seg !== null && order.pictures === true) {
    const pictures = encodeCapture({ ...input, segmentation: seg });
    found.push(...validateCapture(pictures.bytes, volume, seg.bytes));
    results.push(pictures);
  }
  return {
    results,
    problems: found
      .filter(({ level }) => level === 'error')
      .map((problem) => `${problem.path}: ${problem.message}`),
  };
}

function resultInput(request: EncodeRequest): ResultInput {
  const { volume, order } = request;
  const labels = shapeLabels(request.labels, order);
  return {
    volume,
    labels,
    structures: mergedStructures(request.structures, order),
    identity: resultIdentity(volume, labels.run, {
      content: request.content,
      run: request.run,
      instanceNumber: request.instanceNumber,
      node: request.node,
    }),
    equipment: {
      manufacturer: PRODUCT_NAME,
      model: PRODUCT_NAME,
      serial: request.node,
      softwareVersion: request.version,
    },
    algorithm: {
      name: labels.run.model,
      version: labels.run.modelVersion,
      manufacturer: request.manufacturer,
      parameters: [
        `folds=${labels.run.folds.join(',')}`,
        `spacing=${labels.run.spacingMode}`,
        ...settingsText(labels.run),
        `engine=${labels.run.engine}`,
        `device=${labels.run.device}`,
        ...shapeText(labels, request),
      ],
    },
    encoding: order.seg === 'labelmap' ? 'LABELMAP' : 'BINARY',
    compressed: order.compress ?? false,
    contentTime: new Date(request.encodedAt),
  };
}

/** What was done to the model's labels: never silently (dicom-seg-sr §1.5, AlgorithmParameters). */
function shapeText(labels: Labels, { labels: given, order }: EncodeRequest): string[] {
  if (labels === given) return [];
  const { merge = {}, structures, smooth = 0 } = order;
  return [
    ...Object.entries(merge).map(([group, members]) => `merged ${group}=${members.join('+')}`),
    ...(structures === undefined ? [] : [`structures=${structures.join(',')}`]),
    ...(smooth === 0 ? [] : [`smoothing=majority 3x3x3, ${smooth} passes`]),
  ];
}

/** How the patches were laid and averaged; labels that older versions kept do not say it. */
function settingsText({ stepSize, mirroring, splitLevel }: SegmentationRun): string[] {
  return [
    ...(stepSize === undefined ? [] : [`step=${stepSize}`]),
    ...(mirroring === undefined ? [] : [`mirroring=${mirroring ? 'yes' : 'no'}`]),
    ...(splitLevel === undefined ? [] : [`split=${splitLevel}`]),
  ];
}
