import { CAPTURE_TABLES } from './capture-tables.ts';
import {
  BINARY_TABLES,
  LABELMAP_TABLES,
  REJECTION_TABLES,
  REPORT_TABLES,
  type ModuleTable,
} from './modules.ts';

/** The kinds of objects that Situs writes. */
export type ObjectKind = 'binary' | 'labelMap' | 'report' | 'rejection' | 'capture';

/** What each kind must have, module by module. */
export const TABLES: Readonly<Record<ObjectKind, readonly ModuleTable[]>> = {
  binary: BINARY_TABLES,
  labelMap: LABELMAP_TABLES,
  report: REPORT_TABLES,
  rejection: REJECTION_TABLES,
  capture: CAPTURE_TABLES,
};
