import { validate as validCron } from 'node-cron';
import { join } from 'node:path';
import { z } from 'zod';
import { dataFolder } from './data-folder.ts';
import { namedSourcesSchema } from './model-sources-schema.ts';
import { uniqueNames } from './tests-schema.ts';

const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'a name is letters, digits, ".", "_" and "-"');
const webAddress = z.url({
  protocol: /^https?$/,
  error: 'expected an address that begins with http:// or https://',
});
const schedule = z
  .string()
  .refine((written) => validCron(written), 'expected a cron expression such as "*/1 * * * *"');
const folder = z.string().min(1);
const file = z.string().min(1);
/** A folder that is in the data folder unless named; the default differs by user, so no schema shows it. */
const inDataFolder = (name: string) =>
  folder.optional().transform((given) => given ?? join(dataFolder(), name));
const CLOCK = /^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]|24):[0-5]\d$/;

const auth = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('basic'), user: z.string().min(1), password: z.string() }),
  z.strictObject({ kind: z.literal('bearer'), token: z.string().min(1) }),
  z.strictObject({
    kind: z.literal('headers'),
    headers: z
      .record(z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'not a header name'), z.string())
      .describe('Sent with every request, e.g. an API key'),
  }),
]);

const ownAuthority = z
  .strictObject({ ca: file })
  .optional()
  .describe('File in PEM with the certificate of an own certification authority');

const UNITS: Readonly<Record<string, number>> = { MiB: 2 ** 20, GiB: 2 ** 30 };
const bytesOf = (written: string): number =>
  Math.round(parseFloat(written) * (UNITS[written.slice(-3)] ?? 1));
const amount = z
  .string()
  .regex(/^\d+(\.\d+)? ?(MiB|GiB)$/, 'expected an amount such as "12 GiB"')
  .transform(bytesOf);

const archive = z.strictObject({
  name: name.describe('Unique; rules name it in store.to'),
  url: webAddress.describe('Root of the DICOMweb services: QIDO-RS, WADO-RS and STOW-RS'),
  auth: auth.default({ kind: 'none' }),
  tls: ownAuthority,
  limits: z
    .strictObject({
      requestsPerSecond: z.number().positive().max(1000).default(10),
      parallel: z.int().min(1).max(64).default(4),
      storeSize: amount
        .prefault('32 MiB')
        .describe('Instances of one STOW-RS request together; a larger instance goes alone'),
      hours: z.array(z.string().regex(CLOCK, 'expected e.g. "19:00-07:00"')).min(1).optional(),
    })
    .prefault({}),
  timeouts: z
    .strictObject({
      connectSeconds: z.number().positive().max(600).default(10),
      requestSeconds: z.number().positive().max(3600).default(60),
      transferSeconds: z.number().positive().max(86_400).default(600),
    })
    .prefault({}),
  orthanc: z
    .strictObject({ url: webAddress })
    .optional()
    .describe('REST interface of an Orthanc, whose list of changes tells of new studies at once'),
});

const memory = z
  .string()
  .regex(/^(auto|\d+(\.\d+)? ?(MiB|GiB))$/, 'expected "auto" or an amount such as "12 GiB"')
  .transform((written) => (written === 'auto' ? null : bytesOf(written)));

const kserve = z.strictObject({
  url: webAddress.describe('Address of the inference server, without /v2'),
  auth: auth.default({ kind: 'none' }),
  tls: ownAuthority,
  timeoutSeconds: z
    .number()
    .positive()
    .max(3600)
    .default(60)
    .describe('For one patch, transfers included'),
  parallel: z.int().min(1).max(64).default(2).describe('Patches under way at the same time'),
  models: z
    .strictObject({
      name: z
        .string()
        .min(1)
        .max(200)
        .default('{model}-fold-{fold}')
        .describe('Name on the server; {model}, {modelVersion} and {fold} are filled in'),
      version: z
        .string()
        .min(1)
        .max(64)
        .optional()
        .describe('Version on the server, filled in the same way; the server chooses without it'),
    })
    .prefault({}),
  requireVerifiedWeights: z
    .boolean()
    .default(true)
    .describe('Refuse a server whose networks do not answer as the weights of this host do'),
});

const certificates = z.strictObject({ certificate: file, key: file });

/** `config/situs.yaml` */
export const situsSchema = z
  .strictObject({
    archives: z.array(archive).min(1).superRefine(uniqueNames('archive')),
    database: z
      .strictObject({
        url: z
          .string()
          .regex(/^postgres(ql)?:\/\//, 'expected postgresql://…')
          .optional(),
        embedded: folder.optional(),
      })
      .refine(
        (value) => (value.url === undefined) !== (value.embedded === undefined),
        'give either `url` or `embedded`',
      )
      .optional()
      .transform((value) => value ?? { embedded: join(dataFolder(), 'postgres') }),
    workFolder: inDataFolder('work'),
    intake: z
      .strictObject({
        archives: z.array(name).min(1).optional(),
        schedule: schedule.default('*/1 * * * *'),
        settleSeconds: z.int().min(0).max(86_400).default(120),
        modalities: z
          .array(z.string().regex(/^[A-Z]{2,16}$/))
          .min(1)
          .default(['MR', 'CT']),
        lookbackDays: z.int().min(1).max(3650).default(7),
        sweepSchedule: schedule.default('30 3 * * *'),
      })
      .prefault({}),
    models: z
      .strictObject({
        folder: inDataFolder('models'),
        downloads: inDataFolder('downloads'),
        downloadLimit: amount.prefault('8 GiB'),
        sources: namedSourcesSchema
          .default({})
          .describe('Models to pull by name, besides those of model-sources.yaml; these win'),
      })
      .prefault({}),
    segmentation: z
      .strictObject({
        device: z.enum(['auto', 'cpu', 'cuda', 'tensorrt', 'webgpu', 'kserve']).default('auto'),
        threads: z.int().min(0).max(1024).default(0),
        spacingMode: z
          .union([z.literal(true), z.enum(['true', 'v1.2.3'])])
          .transform((mode): 'true' | 'v1.2.3' => (mode === true ? 'true' : mode))
          .default('true'),
        memoryLimit: memory.prefault('auto'),
        allowCpuFallback: z
          .boolean()
          .default(false)
          .describe('Whether the CPU takes over where the configured device does not work'),
        gpu: z
          .strictObject({
            id: z
              .int()
              .min(0)
              .max(255)
              .default(0)
              .describe('Which card, as `nvidia-smi -L` counts'),
            memoryLimit: memory.prefault('auto'),
          })
          .prefault({}),
        kserve: kserve.optional().describe('The inference server of the device kserve'),
      })
      .refine((value) => value.device !== 'kserve' || value.kserve !== undefined, {
        error: 'the device kserve needs `kserve: { url: … }`',
        path: ['kserve'],
      })
      .prefault({}),
    privacy: z
      .strictObject({
        maskPatientData: z.boolean().default(true),
        keepWorkDays: z.int().min(0).max(3650).default(7),
        keepLabelsDays: z.int().min(1).max(3650).default(365),
        sessionHours: z.number().positive().max(168).default(12),
      })
      .prefault({}),
    api: z
      .strictObject({
        host: z.string().min(1).default('127.0.0.1'),
        port: z.int().min(0).max(65_535).default(8043),
        tls: certificates.optional(),
      })
      .prefault({}),
    log: z
      .strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']).default('info') })
      .prefault({}),
    files: z
      .strictObject({
        rules: file.default('rules.yaml'),
        sequences: file.default('sequences.yaml'),
        structures: file.default('structures.json'),
        ownStructures: file
          .optional()
          .describe('Structures of your own, for models that segment others (docs/models.md)'),
      })
      .prefault({}),
  })
  .superRefine((config, context) => {
    const known = config.archives.map((one) => one.name);
    config.intake.archives?.forEach((one, index) => {
      if (!known.includes(one)) {
        context.addIssue({
          code: 'custom',
          path: ['intake', 'archives', index],
          message: `there is no archive "${one}"; known are ${known.join(', ')}`,
        });
      }
    });
  });

/** What everything after the configuration may rely on; paths are absolute, memory is in bytes. */
export type SitusConfig = z.output<typeof situsSchema>;
export type ArchiveConfig = SitusConfig['archives'][number];
