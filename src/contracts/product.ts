/** Manufacturer and model name of everything Situs writes; how another Situs knows it again. */
export const PRODUCT_NAME = 'Situs';
