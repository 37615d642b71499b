/** One file that a model consists of or was made from. */
export interface ModelFile {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** A figure of how well a model does, as its makers measured it. */
export interface ModelFigure {
  /** E.g. `Dice`. */
  readonly measure: string;
  /** Scan type or sequence, e.g. `ct_abdomen`. */
  readonly scanType: string;
  /** null: the mean over all structures. */
  readonly structure: string | null;
  readonly value: number;
}

/** All that a person should know of a model before trusting its results; kept with the record of what it made. */
export interface ModelCard {
  readonly name: string;
  readonly version: string;
  /** SHA-256 over the sorted hashes of its files. */
  readonly hash: string;
  readonly licence: string;
  readonly intendedUse: string;
  /** Sequences it was made for; empty: not restricted. */
  readonly sequences: readonly string[];
  readonly structures: readonly string[];
  /** What the makers say of training data, limits, …, in their order. */
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  readonly figures: readonly ModelFigure[];
  readonly network: {
    readonly kind: string;
    readonly configuration: string;
    /** mm, in the order of the network's axes. */
    readonly spacing: readonly number[];
    readonly patch: readonly number[];
    /** Axes that are mirrored at run time; empty: none. */
    readonly mirrorAxes: readonly number[];
  };
  readonly trainer: string;
  readonly dataset: string | null;
  readonly folds: readonly (ModelFile & { readonly fold: number })[];
  /** What it was imported from. */
  readonly sources: readonly ModelFile[];
  /** Where it was downloaded; null: imported from a folder or a file. */
  readonly download:
    (Omit<ModelFile, 'file'> & { readonly address: string; readonly at: string }) | null;
  /** Version that the weights call themselves; null where they do not. */
  readonly weightsVersion: string | null;
}
