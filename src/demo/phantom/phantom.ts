import { bodyReach, drawTorso, paintBody } from './body.ts';
import { paintColon, paintPelvicOrgans, paintSmallBowel } from './bowel.ts';
import { Canvas } from './canvas.ts';
import type { Point } from './curve.ts';
import { paintKidneys } from './kidneys.ts';
import { paintGallbladder, paintLiver, paintLiverVessels, paintSpleen } from './liver.ts';
import { paintGlutei, paintTrunkMuscles } from './muscles.ts';
import { drawPatient, type Patient } from './patient.ts';
import { drawPelvis, paintPelvis } from './pelvis.ts';
import { paintSacrum, paintSpine } from './spine.ts';
import { drawUpperTract, paintDuodenum, paintPancreas, paintStomach } from './stomach.ts';
import { paintHeart, paintLungs, paintOesophagus, paintRibs } from './thorax.ts';
import { drawVessels, paintGreatVessels, paintIliacs, paintPortalVein } from './vessels.ts';

/** A generated patient on an isotropic grid. */
export interface Phantom {
  seed: number;
  sex: Patient['sex'];
  /** [z, y, x]: inferior to superior, anterior to posterior, patient right to left; x fastest. */
  shape: readonly [number, number, number];
  /** Voxel size along every axis, mm. */
  spacing: number;
  /** Patient LPS mm of the centre of voxel (0, 0, 0). */
  origin: Point;
  /** 0 background, 1..40 the structures. */
  labels: Uint8Array;
  /** Position in the tissue table. */
  tissue: Uint8Array;
}

/**
 * The phantom of a seed. The same seed and spacing give the same voxels; the same seed at another spacing, the same patient.
 * @param spacing  voxel size, mm
 */
export function makePhantom(seed: number, spacing = 3): Phantom {
  const patient = drawPatient(seed);
  const torso = drawTorso(patient);
  const reach = bodyReach(patient);
  const canvas = new Canvas(patient, spacing, reach.half, reach.front, reach.back);
  const pelvis = drawPelvis(patient);
  const tree = drawVessels(patient);
  const tract = drawUpperTract(patient);

  // Painting order is anatomy: what comes later covers what came before, as far as its stroke allows.
  paintBody(canvas, patient, torso);
  paintLungs(canvas, patient, torso);
  paintRibs(canvas, patient, torso);
  paintTrunkMuscles(canvas, patient, pelvis);
  paintGlutei(canvas, patient, pelvis);
  paintSacrum(canvas, patient);
  paintPelvis(canvas, patient, pelvis);
  paintSpine(canvas, patient);
  paintHeart(canvas, patient);
  const lower = paintLiver(canvas, patient, torso);
  paintSpleen(canvas, patient, torso);
  paintKidneys(canvas, patient);
  paintOesophagus(canvas, patient, tract.cardia);
  paintStomach(canvas, patient, tract);
  paintGreatVessels(canvas, tree);
  paintLiverVessels(canvas, patient, tree.venaCavaTop, tree.hilum);
  paintPancreas(canvas, tract);
  paintDuodenum(canvas, patient, tract);
  paintPortalVein(canvas, tree);
  paintIliacs(canvas, patient, tree);
  paintColon(canvas, patient);
  paintGallbladder(canvas, patient, lower);
  paintPelvicOrgans(canvas, patient);
  paintSmallBowel(canvas, patient, torso, tract.duodenum.at(-1)?.at ?? [38, -28, 60]);
  return {
    seed,
    sex: patient.sex,
    shape: canvas.shape,
    spacing,
    origin: canvas.origin,
    labels: canvas.labels,
    tissue: canvas.tissue,
  };
}
