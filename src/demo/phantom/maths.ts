/**
 * Functions of `Math` by their own names. In the sandbox of the tests every look-up of a global takes
 * about a hundred times as long as a module's own binding, and painting makes millions of them.
 */
export const {
  PI, abs, atan2, ceil, cos, exp, floor, hypot, imul, log, max, min, round, sign, sin, sqrt,
} = Math; // prettier-ignore
