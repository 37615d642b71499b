/** The parts of dcmjs that Situs uses; the package brings no types of its own. */
declare module 'dcmjs' {
  interface DcmjsElement {
    vr: string;
    Value: unknown[];
    _rawValue?: unknown;
  }
  type DcmjsDataset = Record<string, DcmjsElement>;

  interface DictionaryEntry {
    /** `(GGGG,EEEE)` */
    readonly tag: string;
    readonly vr: string;
    readonly vm: string;
    readonly name: string;
  }

  interface Logger {
    setLevel(level: string, persist?: boolean): void;
    getLogger(name: string): Logger;
  }

  interface ReadStream {
    offset: number;
  }

  export const log: Logger;

  export const data: {
    readonly DicomMetaDictionary: {
      /** By `(GGGG,EEEE)`. */
      readonly dictionary: Readonly<Record<string, DictionaryEntry | undefined>>;
      /** By keyword. */
      readonly nameMap: Readonly<Record<string, DictionaryEntry | undefined>>;
      denaturalizeDataset(dataset: Record<string, unknown>): DcmjsDataset;
    };
    readonly DicomMessage: {
      readFile(buffer: ArrayBuffer, options?: Record<string, unknown>): DicomDict;
      _readTag(
        stream: ReadStream,
        syntax: string,
        options?: Record<string, unknown>,
      ): { vr: { type: string }; values: unknown };
    };
    readonly ReadBufferStream: new (
      buffer: ArrayBuffer,
      littleEndian: boolean,
      options?: { noCopy?: boolean },
    ) => ReadStream;
    readonly DicomDict: new (meta: DcmjsDataset) => DicomDict;
  };

  interface DicomDict {
    meta: DcmjsDataset;
    dict: DcmjsDataset;
    write(options?: { fragmentMultiframe?: boolean; allowInvalidVRLength?: boolean }): ArrayBuffer;
  }
}
