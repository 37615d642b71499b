import { TRUE_COLOUR_CAPTURE } from './capture/encode.ts';
import { segEncodingOf } from './seg/kind.ts';

/** Whether what Situs stored is an image, which documents refer to otherwise than to documents. */
export function isImage(sopClassUid: string): boolean {
  return segEncodingOf(sopClassUid) !== null || sopClassUid === TRUE_COLOUR_CAPTURE;
}
