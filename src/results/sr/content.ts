import type { Code } from '../../contracts/index.ts';
import { CODES, codeItem } from '../codes.ts';
import { referenceUid, type Dataset } from '../dicom/dataset.ts';
import { decimal } from '../dicom/decimal.ts';

/** Relationship of a content item to its parent (PS3.3 C.17.3.2.4). */
export type Relationship = 'CONTAINS' | 'HAS OBS CONTEXT' | 'HAS ACQ CONTEXT' | 'HAS CONCEPT MOD';

/** A content item; relationship and children are given by the functions below. */
export type ContentItem = Dataset;

function item(
  relationship: Relationship,
  valueType: string,
  name: Code | null,
  value: Dataset,
  children: readonly ContentItem[] = [],
): ContentItem {
  return {
    RelationshipType: relationship,
    ValueType: valueType,
    ...(name === null ? {} : { ConceptNameCodeSequence: [codeItem(name)] }),
    ...value,
    ...(children.length === 0 ? {} : { ContentSequence: children }),
  };
}

/** A container; `template` is the TID whose whole content it holds (PS3.3 C.18.8). */
export function container(
  name: Code,
  children: readonly ContentItem[],
  template: string | null = null,
): ContentItem {
  return item('CONTAINS', 'CONTAINER', name, containerValue(template), children);
}

export function containerValue(template: string | null): Dataset {
  return {
    ContinuityOfContent: 'SEPARATE',
    ...(template === null
      ? {}
      : {
          ContentTemplateSequence: [{ MappingResource: 'DCMR', TemplateIdentifier: template }],
        }),
  };
}

export function code(
  relationship: Relationship,
  name: Code,
  value: Code,
  children: readonly ContentItem[] = [],
): ContentItem {
  return item(relationship, 'CODE', name, { ConceptCodeSequence: [codeItem(value)] }, children);
}

export function text(relationship: Relationship, name: Code, value: string): ContentItem {
  return item(relationship, 'TEXT', name, { TextValue: value });
}

export function uidref(relationship: Relationship, name: Code, uid: string): ContentItem {
  return item(relationship, 'UIDREF', name, { UID: referenceUid(uid) });
}

/** A number with its unit; `null` is a measurement that failed, said by `failure` (PS3.3 C.18.1). */
export function number(
  relationship: Relationship,
  name: Code,
  value: number | null,
  unit: Code,
  failure: Code,
  children: readonly ContentItem[] = [],
): ContentItem {
  const measured: Dataset =
    value === null || !Number.isFinite(value)
      ? { MeasuredValueSequence: [], NumericValueQualifierCodeSequence: [codeItem(failure)] }
      : {
          MeasuredValueSequence: [
            {
              NumericValue: decimal(value),
              FloatingPointValue: [value],
              MeasurementUnitsCodeSequence: [codeItem(unit)],
            },
          ],
        };
  return item(relationship, 'NUM', name, measured, children);
}

/** An image reference, unnamed in an image library; frames or segment numbers where given. */
export function image(
  name: Code | null,
  reference: {
    readonly sopClassUid: string;
    readonly sopInstanceUid: string;
    readonly frames?: readonly number[];
    readonly segment?: number;
  },
): ContentItem {
  const { frames = [], segment } = reference;
  return item('CONTAINS', 'IMAGE', name, {
    ReferencedSOPSequence: [
      {
        ReferencedSOPClassUID: reference.sopClassUid,
        ReferencedSOPInstanceUID: referenceUid(reference.sopInstanceUid),
        ...(frames.length === 0 ? {} : { ReferencedFrameNumber: frames.map(String) }),
        ...(segment === undefined ? {} : { ReferencedSegmentNumber: [segment] }),
      },
    ],
  });
}

/** Language (TID 1204) and device observer (TID 1002, 1004), with which every document begins. */
export function deviceObserver(node: {
  readonly uid: string;
  readonly name: string;
  readonly manufacturer: string;
  readonly model: string;
}): ContentItem[] {
  return [
    code('HAS CONCEPT MOD', CODES.language, CODES.english),
    code('HAS OBS CONTEXT', CODES.observerType, CODES.device),
    uidref('HAS OBS CONTEXT', CODES.deviceObserverUid, node.uid),
    text('HAS OBS CONTEXT', CODES.deviceObserverName, node.name),
    text('HAS OBS CONTEXT', CODES.deviceObserverManufacturer, node.manufacturer),
    text('HAS OBS CONTEXT', CODES.deviceObserverModel, node.model),
  ];
}

/** A reference to an instance that is no image, unnamed as in a key object selection (TID 2010). */
export function composite(reference: {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
}): ContentItem {
  return item('CONTAINS', 'COMPOSITE', null, {
    ReferencedSOPSequence: [
      {
        ReferencedSOPClassUID: reference.sopClassUid,
        ReferencedSOPInstanceUID: referenceUid(reference.sopInstanceUid),
      },
    ],
  });
}
