import type { Labels, Volume } from '../../contracts/index.ts';
import {
  drawPlane,
  drawText,
  fillBox,
  markPlane,
  newRaster,
  slicePlaceText,
  sliceSides,
  windowOf,
  type Rgb,
} from '../../imaging/index.ts';
import type { PresentSegment } from '../segments.ts';
import type { CapturePlan } from './plan.ts';

const TEXT: Rgb = [255, 255, 255];

/** What the pictures show. */
export interface CaptureScene {
  readonly volume: Volume;
  readonly labels: Labels;
  readonly segments: readonly PresentSegment[];
  /** Lines of text above the legend. */
  readonly lines: readonly string[];
}

/**
 * Draws all frames one after the other, in the source's own orientation.
 * @param into zeroed, `3 · rows · columns` bytes a frame, colours of a pixel side by side.
 */
export function drawFrames(into: Uint8Array, plan: CapturePlan, scene: CaptureScene): void {
  const { volume, labels, segments } = scene;
  const [slices, rows, columns] = volume.shape;
  const area = rows * columns;
  const colours = new Map(segments.map(({ label, structure }) => [label, structure.rgb]));
  const { grey } = windowOf(volume);
  const sides = sliceSides(volume.affine);
  const box = { left: 0, top: 0, ...plan.slice };
  const bytes = 3 * plan.rows * plan.columns;
  plan.slices.forEach((slice, frame) => {
    const pixels = into.subarray(frame * bytes, (frame + 1) * bytes);
    const raster = newRaster(plan.columns, plan.rows, pixels);
    const plane = {
      base: slice * area,
      right: { count: columns, stride: 1, falling: false },
      down: { count: rows, stride: columns, falling: false },
    };
    drawPlane(raster, box, plane, {
      voxels: volume.voxels,
      labels: labels.voxels,
      colours,
      grey,
    });
    const place = slicePlaceText(volume.affine, volume.shape, slice);
    markPlane(raster, box, { ...sides, title: `${slice + 1}/${slices}  ${place}` });
    const { left, margin, swatch, line } = plan.legend;
    let top = margin;
    for (const text of scene.lines) {
      drawText(raster, text, left, top, TEXT);
      top += line;
    }
    for (const { structure } of segments) {
      top += line;
      fillBox(raster, { left, top, width: swatch, height: swatch }, structure.rgb);
      drawText(raster, structure.name, left + swatch + margin, top, TEXT);
    }
  });
}
