/** Rows of linear sRGB → CIE XYZ (D65), IEC 61966-2-1. */
const TO_XYZ = [
  [0.4124564, 0.3575761, 0.1804375],
  [0.2126729, 0.7151522, 0.072175],
  [0.0193339, 0.119192, 0.9503041],
] as const;
const WHITE = [0.95047, 1, 1.08883] as const;
const EPSILON = 216 / 24_389;
const KAPPA = 24_389 / 27;

/**
 * An sRGB colour (0..255) as Recommended Display CIELab Value: L, a, b as three US
 * (PS3.3 C.10.7.1.1: L·65535/100, (a|b + 128)·65535/255).
 */
export function cielab(rgb: readonly [number, number, number]): [number, number, number] {
  const linear = rgb.map((value) => {
    const unit = value / 255;
    return unit <= 0.04045 ? unit / 12.92 : ((unit + 0.055) / 1.055) ** 2.4;
  });
  const [x, y, z] = [0, 1, 2].map((row) => {
    const weights = TO_XYZ[row] ?? TO_XYZ[0];
    const sum = weights.reduce((total, weight, index) => total + weight * (linear[index] ?? 0), 0);
    const ratio = sum / (WHITE[row] ?? 1);
    return ratio > EPSILON ? Math.cbrt(ratio) : (KAPPA * ratio + 16) / 116;
  });
  const lightness = 116 * (y ?? 0) - 16;
  const a = 500 * ((x ?? 0) - (y ?? 0));
  const b = 200 * ((y ?? 0) - (z ?? 0));
  return [
    toUint16((lightness * 65_535) / 100),
    toUint16(((a + 128) * 65_535) / 255),
    toUint16(((b + 128) * 65_535) / 255),
  ];
}

function toUint16(value: number): number {
  return Math.min(65_535, Math.max(0, Math.round(value)));
}
