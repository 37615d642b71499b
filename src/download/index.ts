export { download, type Download, type DownloadOptions } from './download.ts';
export type { DownloadProgress, Patience } from './options.ts';
