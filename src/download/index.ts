export { download, type Download, type DownloadOptions } from './download.ts';
export { mebibytes } from './errors.ts';
export type { DownloadProgress, Patience } from './options.ts';
export { addressKey } from './partial.ts';
