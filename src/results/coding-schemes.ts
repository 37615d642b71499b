import type { Structure } from '../contracts/index.ts';
import { PRIVATE_SCHEME } from './codes.ts';
import type { Dataset } from './dicom/dataset.ts';

/** Schemes that no standard registers begin so (PS3.16 8.2). */
const PRIVATE = /^99/;

/**
 * Names the private coding schemes of an object (PS3.3 C.12.1, Coding Scheme Identification Sequence), so that a reader
 * knows whose codes they are. Nothing where there are none.
 * @param others schemes that the object uses besides those of its structures
 */
export function codingSchemes(
  structures: readonly Structure[],
  others: readonly string[] = [],
): Dataset {
  const used = [
    ...others,
    ...structures.flatMap(({ category, type }) => [category.scheme, type.scheme]),
  ];
  const schemes = [...new Set(used)].filter((scheme) => PRIVATE.test(scheme));
  if (schemes.length === 0) return {};
  return {
    CodingSchemeIdentificationSequence: schemes.map((scheme) =>
      scheme === PRIVATE_SCHEME
        ? {
            CodingSchemeDesignator: scheme,
            CodingSchemeName: 'Codes of Situs',
            CodingSchemeResponsibleOrganization: 'Situs',
          }
        : { CodingSchemeDesignator: scheme, CodingSchemeName: 'Codes of the site that ran Situs' },
    ),
  };
}
