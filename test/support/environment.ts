import { TestEnvironment } from 'jest-environment-node';

/**
 * Native add-ons (onnxruntime) check typed arrays against the outer realm's constructors, so the
 * sandbox gets those instead of its own.
 */
const SHARED_CONSTRUCTORS = [
  'ArrayBuffer',
  'SharedArrayBuffer',
  'Float16Array',
  'Float32Array',
  'Float64Array',
  'Int8Array',
  'Int16Array',
  'Int32Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Uint16Array',
  'Uint32Array',
  'BigInt64Array',
  'BigUint64Array',
  'DataView',
] as const;

export default class SitusEnvironment extends TestEnvironment {
  override async setup(): Promise<void> {
    await super.setup();
    const outer = globalThis as unknown as Record<string, unknown>;
    const sandbox = this.global as unknown as Record<string, unknown>;
    for (const name of SHARED_CONSTRUCTORS) sandbox[name] = outer[name];
  }
}
