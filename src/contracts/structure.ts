/** A coded concept (PS3.16 8.1). */
export interface Code {
  readonly value: string;
  readonly scheme: string;
  readonly meaning: string;
}

/** One of the anatomical structures of `config/structures.json`. */
export interface Structure {
  readonly index: number;
  readonly name: string;
  readonly category: Code;
  readonly type: Code;
  readonly laterality: Code | null;
  readonly rgb: readonly [number, number, number];
  readonly verified: boolean;
  readonly source: string;
}
