/** The file beside `plans.json` in which MRSegmentator says which weights they are (nnunet-inference §5.1). */
export const VERSION_FILE = 'version.json';

/**
 * `weights_version` in its own digits (`1.0` stays `1.0`); null when the text is not such a file, which a plain nnU-Net
 * folder has no reason to hold.
 */
export function weightsVersion(text: string): string | null {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null;
    throw thrown;
  }
  if (typeof content !== 'object' || content === null || !('weights_version' in content))
    return null;
  const version = content.weights_version;
  const written = /"weights_version"\s*:\s*("?)([0-9A-Za-z][0-9A-Za-z._+-]{0,63})\1\s*[,}]/.exec(
    text,
  )?.[2];
  return typeof version === 'number' || typeof version === 'string' ? (written ?? null) : null;
}

/** Whether two versions are the same number or the same text: `1.2`, `1.20` and 1.2 are. */
export function sameVersion(a: string, b: string): boolean {
  return a === b || (a.trim() !== '' && Number(a) === Number(b));
}
